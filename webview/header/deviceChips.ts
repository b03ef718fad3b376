import { formatMemory } from '../../planner-core/base/format';
import type { PlanDevice } from '../../planner-core/plan/plan';
import { eachDevice, idsOf } from '../../planner-core/devices/machine';
import { deviceClass } from '../base/deviceColour';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { dropdown, type Dropdown } from '../ui/controls';
import { withOneMore } from '../machine/machineModel';
import { acceptLayers } from '../ui/layerDrag';
import { smallButton } from '../ui/smallButton';
import { t } from '../base/l10n';

type Catalogue = View['host']['deviceCatalogue'];

/** More than these cannot stand side by side, however short their names. */
const mostInLine = 6;
/** With more than these, lists say what devices are, and lanes how much memory they have. */
const mostWithMemory = 3;

/** One dropdown a device; the first is the one the budget is for. Devices can be added and taken away. */
export function deviceChips(connection: Connection): { element: HTMLElement; render(view: View): void } {
  const element = el('div', { class: 'chip-group device-group' });
  let devices: readonly PlanDevice[] = [];
  let catalogue: Catalogue = [];
  let lists: Dropdown[] = [];
  const swatches: HTMLElement[] = [];
  const chips: HTMLElement[] = [];
  const change = (changed: readonly PlanDevice[]): void =>
    connection.edit({ kind: 'devices', devices: changed });
  const replace = (at: number, name: string): void => {
    const chosen = catalogue.find((entry) => entry.name === name);
    if (!chosen) return;
    const { memoryBytes } = chosen;
    change(devices.map((device, i) => (i === at ? { ...device, name, memoryBytes } : device)));
  };
  // Made anew only when devices come or go, so that a control keeps the focus while it is used.
  const make = memoizeLast((ids: string) => {
    const names = ids.split('\n');
    element.classList.toggle('is-many', names.length > mostInLine);
    lists = names.map((id, at) => dropdown(t('Device {0}', id), (name) => replace(at, name)));
    element.replaceChildren(
      ...lists.map((list, at) => {
        const several = names.length > 1;
        const caption = el(
          'span',
          { class: 'chip-caption', 'aria-hidden': 'true' },
          several ? names[at] : t('device'),
        );
        const swatch = el('i', { class: 'device-swatch', 'aria-hidden': 'true', hidden: !several });
        const chip = el('div', { class: 'chip chip-device' }, swatch, caption, list.element);
        swatches[at] = swatch;
        chips[at] = chip;
        acceptLayers(
          chip,
          (event) => chip.classList.toggle('is-target', event !== undefined),
          (_, targets) => connection.edit({ kind: 'device', targets, device: idsOf(devices[at])[0] }),
        );
        if (several) {
          chip.append(
            smallButton('×', t('Take {0} away', names[at]), () => change(devices.filter((_, i) => i !== at))),
          );
        }
        return chip;
      }),
      smallButton('+', t('Add a device'), () => change(withOneMore(devices))),
    );
  });
  const show = memoizeLast((shown: readonly PlanDevice[], of: Catalogue) => {
    devices = shown;
    catalogue = of;
    make(devices.map(({ id }) => id).join('\n'));
    const each = eachDevice(devices);
    devices.forEach((device, i) => {
      const isShort = devices.length > mostWithMemory;
      lists[i].update(optionsFor(device, catalogue, isShort), device.name);
      chips[i].title = `${device.id}: ${labelOf(device, device)}`;
      const [first] = idsOf(device);
      swatches[i].className = `device-swatch ${deviceClass(each.findIndex(({ id }) => id === first))}`;
    });
  });
  return { element, render: ({ inputs, host }) => show(inputs.devices, host.deviceCatalogue) };
}

/** The catalogue, and the device itself when it is none of it. */
function optionsFor(device: PlanDevice, catalogue: Catalogue, isShort: boolean) {
  const known = catalogue.some((entry) => entry.name === device.name);
  return (known ? catalogue : [device, ...catalogue]).map((entry) => ({
    value: entry.name,
    label: isShort ? countedName(device, entry) : labelOf(device, entry),
  }));
}

/** `4 × RTX 3090` */
const countedName = ({ count = 1 }: PlanDevice, { name }: Pick<PlanDevice, 'name'>): string =>
  `${count > 1 ? `${count} × ` : ''}${name}`;

/** `4 × RTX 3090 · 24.0 GiB` */
const labelOf = (device: PlanDevice, entry: Pick<PlanDevice, 'name' | 'memoryBytes'>): string =>
  `${countedName(device, entry)} · ${formatMemory(entry.memoryBytes)}`;
