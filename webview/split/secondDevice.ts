import { eachDevice } from '../../planner-core/devices/machine';
import { machinePresets } from '../../planner-core/devices/machinePresets';
import { memoizeLast } from '../base/memoize';
import { el } from '../base/dom';
import { withNamed } from '../machine/machineModel';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { dropdown } from '../ui/controls';
import { smallButton } from '../ui/smallButton';
import { t } from '../base/l10n';

const nothing = '';

/** Machines that can be split: those with a second device. */
const splittable = machinePresets.filter(({ devices }) => eachDevice(devices).length > 1);

/** What a machine of one device lacks for a split, to be added with a click; `onAdd` is told once it is on its way. */
export function secondDevice(
  connection: Connection,
  onAdd: () => void,
): { element: HTMLElement; render(view: View): void } {
  let shown: View | undefined;
  const add = (name: string): void => {
    const known = shown?.host.deviceCatalogue.find((entry) => entry.name === name);
    if (!shown || !known) return;
    connection.edit({ kind: 'devices', devices: withNamed(shown.inputs.devices, known) });
    onAdd();
  };
  const same = smallButton('', t('Add a second device like the first'), () => {
    const [first] = shown?.inputs.devices ?? [];
    if (first) add(first.name);
  });
  const other = dropdown(t('Add another device'), add);
  const machines = dropdown(t('Take a common machine'), (name) => {
    const preset = splittable.find((known) => known.name === name);
    if (!preset) return;
    connection.edit({ kind: 'machine', devices: preset.devices, links: preset.links });
    onAdd();
  });
  const element = el(
    'div',
    { class: 'goal-question split-second', hidden: true },
    el('span', {}, t('A split needs a second device:')),
    same,
    other.element,
    machines.element,
  );
  const showChoices = memoizeLast((name: string, catalogue: View['host']['deviceCatalogue']) => {
    same.textContent = `+ ${name}`;
    same.setAttribute('aria-label', t('+ {0}: add a second device like the first', name));
    other.update(
      [
        { value: nothing, label: t('another device…') },
        ...catalogue.map((entry) => ({ value: entry.name, label: entry.name })),
      ],
      nothing,
    );
    machines.update(
      [
        { value: nothing, label: t('a common machine…') },
        ...splittable.map((preset) => ({ value: preset.name, label: preset.title })),
      ],
      nothing,
    );
  });
  return {
    element,
    render(view) {
      shown = view;
      element.hidden = eachDevice(view.inputs.devices).length > 1;
      if (!element.hidden) showChoices(view.inputs.devices[0].name, view.host.deviceCatalogue);
    },
  };
}
