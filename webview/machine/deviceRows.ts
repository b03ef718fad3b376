import { formatMemory, parseMemory } from '../../planner-core/base/format';
import { eachDevice, type MachineDevice } from '../../planner-core/devices/machine';
import type { ViewState } from '../../planner-core/protocol/messages';
import { el, replaceKeepingFocus } from '../base/dom';
import { deviceClass } from '../base/deviceColour';
import { memoizeLast } from '../base/memoize';
import { dropdown, textField, type TextField } from '../ui/controls';
import { smallButton } from '../ui/smallButton';
import { withCount } from './machineModel';
import { t } from '../base/l10n';

type Catalogue = ViewState['deviceCatalogue'];

const mostOfOne = 64;

/** A row a device: what it is, how much memory it has, how many of it there are. */
export function deviceRows(
  onChange: (id: string, device: MachineDevice) => void,
  onRemove: (id: string) => void,
): { element: HTMLElement; show(devices: readonly MachineDevice[], catalogue: Catalogue): void } {
  const element = el('ul', { class: 'machine-devices', 'aria-label': t('Devices') });
  let rows: readonly DeviceRow[] = [];
  // Made anew only when devices come or go, so that a control keeps the focus while it is used.
  const make = memoizeLast((ids: string) => {
    rows = ids.split('\n').map((id) =>
      deviceRow(
        id,
        (device) => onChange(id, device),
        () => onRemove(id),
      ),
    );
    replaceKeepingFocus(
      element,
      rows.map((row) => row.element),
    );
  });
  return {
    element,
    show(devices, catalogue) {
      make(devices.map(({ id }) => id).join('\n'));
      const each = eachDevice(devices).map(({ id }) => id);
      devices.forEach((device, i) => {
        const first = (device.count ?? 1) > 1 ? `${device.id}.0` : device.id;
        rows[i].show(device, each.indexOf(first), catalogue, devices.length > 1);
      });
    },
  };
}

interface DeviceRow {
  readonly element: HTMLElement;
  show(device: MachineDevice, colour: number, catalogue: Catalogue, removable: boolean): void;
}

function deviceRow(id: string, onChange: (device: MachineDevice) => void, onRemove: () => void): DeviceRow {
  let shown: MachineDevice = { id, name: '', memoryBytes: 0 };
  let known: Catalogue = [];
  const swatch = el('i', { class: 'device-swatch', 'aria-hidden': 'true' });
  const name = dropdown(t('Device {0}', id), (chosen) => {
    const memoryBytes = known.find((entry) => entry.name === chosen)?.memoryBytes ?? shown.memoryBytes;
    onChange({ ...shown, name: chosen, memoryBytes });
  });
  const memory: TextField = textField({
    label: t('Memory of {0}', id),
    size: 9,
    onCommit(text) {
      const memoryBytes = parseMemory(text);
      const valid = memoryBytes !== undefined && memoryBytes > 0;
      memory.setInvalid(valid ? undefined : t('Memory as in 24 GiB'));
      if (valid) onChange({ ...shown, memoryBytes });
    },
  });
  const count: TextField = textField({
    label: t('How many of {0}', id),
    size: 3,
    onCommit(text) {
      const value = Number(text);
      const valid = Number.isInteger(value) && value >= 1 && value <= mostOfOne;
      count.setInvalid(valid ? undefined : t('A whole number from 1 to {0}', mostOfOne));
      if (valid) onChange(withCount(shown, value));
    },
  });
  const remove = smallButton('×', t('Take {0} away', id), onRemove);
  const element = el(
    'li',
    { class: 'machine-device', 'data-device': id },
    swatch,
    el('code', { class: 'machine-id' }, id),
    name.element,
    memory.element,
    el('span', { class: 'muted', 'aria-hidden': 'true' }, '×'),
    count.element,
    remove,
  );
  return {
    element,
    show(device, colour, catalogue, removable) {
      shown = device;
      known = catalogue;
      swatch.className = `device-swatch ${deviceClass(colour)}`;
      const isKnown = catalogue.some((entry) => entry.name === device.name);
      const entries = isKnown ? catalogue : [device, ...catalogue];
      name.update(
        entries.map((entry) => ({ value: entry.name, label: entry.name })),
        device.name,
      );
      memory.update(formatMemory(device.memoryBytes));
      count.update(String(device.count ?? 1));
      remove.hidden = !removable;
    },
  };
}
