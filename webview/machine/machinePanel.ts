import type { MachineDevice } from '../../planner-core/devices/machine';
import { machinePresets } from '../../planner-core/devices/machinePresets';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { ViewState } from '../../planner-core/protocol/messages';
import { el, setAttributes } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { dropdown } from '../ui/controls';
import { dropPanel } from '../ui/dropPanel';
import { smallButton } from '../ui/smallButton';
import { deviceRows } from './deviceRows';
import { linkRows } from './linkRows';
import { machineText, withDevices, withLink, withOneMore, type ChosenMachine } from './machineModel';
import { t } from '../base/l10n';

const own = 'own';

/** The machine a plan is for: its devices, how many of each, what links them; common boxes; the default of new plans. */
export function machinePanel(connection: Connection): {
  readonly button: HTMLElement;
  readonly panel: HTMLElement;
  render(view: View): void;
} {
  let machine: ChosenMachine = { devices: [], links: undefined };
  const change = (changed: ChosenMachine): void => connection.edit({ kind: 'machine', ...changed });
  const changeDevices = (changed: readonly MachineDevice[]): void => change(withDevices(machine, changed));
  const devices = deviceRows(
    (id, device) => changeDevices(machine.devices.map((old) => (old.id === id ? device : old))),
    (id) => changeDevices(machine.devices.filter((old) => old.id !== id)),
  );
  const links = linkRows((ends, link) =>
    connection.edit({ kind: 'links', links: withLink(machine.links, ends, link) }),
  );
  const presets = dropdown(t('Common machines'), (name) => {
    const preset = machinePresets.find((known) => known.name === name);
    if (preset) change({ devices: preset.devices, links: preset.links });
  });
  const presetOptions = [
    { value: own, label: t('this machine') },
    ...machinePresets.map(({ name, title }) => ({ value: name, label: title })),
  ];
  const save = smallButton(
    t('Save as default'),
    t('Start new plans with this machine (headroom.machine)'),
    () => connection.send({ type: 'save-machine' }),
  );
  const button = el(
    'button',
    { id: 'machine-button', class: 'quiet-button settings-button', type: 'button' },
    t('Machine'),
  );
  const drop = dropPanel({
    id: 'machine',
    title: t('Machine'),
    button,
    head: [presets.element, save],
    content: [
      el(
        'div',
        { class: 'machine-body' },
        el('h3', {}, t('Devices')),
        devices.element,
        smallButton(t('+ Add a device'), t('Add a device to the machine'), () =>
          changeDevices(withOneMore(machine.devices)),
        ),
        el('h3', {}, t('Links')),
        el(
          'p',
          { class: 'setting-hint' },
          t('Where nothing is said, devices alike use their peer link and others go through host memory.'),
        ),
        links.element,
      ),
    ],
    closeHint: t('Close the machine'),
  });
  button.addEventListener('click', () => {
    drop.toggle(!drop.isOpen);
    if (drop.isOpen && latest) render(latest);
  });
  const show = memoizeLast(
    (inputs: Pick<PlanInputs, 'devices' | 'links'>, catalogue: ViewState['deviceCatalogue']) => {
      machine = { devices: inputs.devices, links: inputs.links };
      devices.show(inputs.devices, catalogue);
      links.show(inputs.devices, inputs.links);
      presets.update(presetOptions, presetOf(machine));
    },
  );
  let latest: View | undefined;
  const render = (view: View): void => {
    latest = view;
    setAttributes(button, {
      title: t('Devices, links and common boxes: {0}', machineText(view.inputs.devices)),
    });
    // Its lists are long: they are made when they are wanted.
    if (!drop.isOpen) return;
    show(view.inputs, view.host.deviceCatalogue);
    drop.fit();
  };
  return { button, panel: drop.panel, render };
}

/** The preset a machine is, or none. */
function presetOf({ devices, links }: ChosenMachine): string {
  const text = JSON.stringify([devices, links ?? []]);
  return (
    machinePresets.find((preset) => JSON.stringify([preset.devices, preset.links]) === text)?.name ?? own
  );
}
