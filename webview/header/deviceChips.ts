import { formatMemory } from '../../planner-core/base/format';
import type { PlanDevice } from '../../planner-core/plan/plan';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { dropdown, type Dropdown } from '../ui/controls';
import { smallButton } from '../ui/smallButton';

type Catalogue = View['host']['deviceCatalogue'];

/** One dropdown a device; the first is the one the budget is for. Devices can be added and taken away. */
export function deviceChips(connection: Connection): { element: HTMLElement; render(view: View): void } {
  const element = el('div', { class: 'chip-group' });
  let devices: readonly PlanDevice[] = [];
  let catalogue: Catalogue = [];
  let lists: Dropdown[] = [];
  const change = (changed: readonly PlanDevice[]): void =>
    connection.edit({ kind: 'devices', devices: changed });
  const replace = (at: number, name: string): void => {
    const chosen = catalogue.find((entry) => entry.name === name);
    if (!chosen) return;
    const { memoryBytes } = chosen;
    change(devices.map((device, i) => (i === at ? { id: device.id, name, memoryBytes } : device)));
  };
  // Made anew only when devices come or go, so that a control keeps the focus while it is used.
  const make = memoizeLast((ids: string) => {
    const names = ids.split('\n');
    lists = names.map((id, at) => dropdown(`Device ${id}`, (name) => replace(at, name)));
    element.replaceChildren(
      ...lists.map((list, at) => {
        const several = names.length > 1;
        const caption = el(
          'span',
          { class: 'chip-caption', 'aria-hidden': 'true' },
          several ? names[at] : 'device',
        );
        const chip = el('div', { class: 'chip chip-device' }, caption, list.element);
        if (several) {
          chip.append(
            smallButton('×', `Take ${names[at]} away`, () => change(devices.filter((_, i) => i !== at))),
          );
        }
        return chip;
      }),
      smallButton('+', 'Add a device', () => change([...devices, { ...devices[0], id: freeId(devices) }])),
    );
  });
  const show = memoizeLast((shown: readonly PlanDevice[], of: Catalogue) => {
    devices = shown;
    catalogue = of;
    make(devices.map(({ id }) => id).join('\n'));
    devices.forEach((device, i) => lists[i].update(optionsFor(device, catalogue), device.name));
  });
  return { element, render: ({ inputs, host }) => show(inputs.devices, host.deviceCatalogue) };
}

/** The catalogue, and the device itself when it is none of it. */
function optionsFor(device: PlanDevice, catalogue: Catalogue) {
  const known = catalogue.some((entry) => entry.name === device.name);
  return (known ? catalogue : [device, ...catalogue]).map(({ name, memoryBytes }) => ({
    value: name,
    label: `${name} · ${formatMemory(memoryBytes)}`,
  }));
}

/** The first of gpu0, gpu1 … that is not taken. */
function freeId(devices: readonly PlanDevice[]): string {
  let number = devices.length;
  while (devices.some(({ id }) => id === `gpu${number}`)) number++;
  return `gpu${number}`;
}
