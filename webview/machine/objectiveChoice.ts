import { objectives, type Objective } from '../../planner-core/plan/plan';
import { eachDevice } from '../../planner-core/devices/machine';
import { el } from '../base/dom';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { objectiveHints, objectiveNames } from '../ui/names';
import { t } from '../base/l10n';

/** What layers are placed for, side by side. With one device there is nothing to place. */
export function objectiveChoice(connection: Connection): { element: HTMLElement; render(view: View): void } {
  const radios = objectives.map((objective) => {
    const radio = el('input', { type: 'radio', name: 'objective', value: objective });
    radio.addEventListener('change', () => connection.edit({ kind: 'objective', objective }));
    return radio;
  });
  const element = el(
    'div',
    { class: 'chip objective' },
    el('span', { class: 'chip-caption', 'aria-hidden': 'true' }, t('place for')),
    el(
      'div',
      {
        class: 'setting-options objective-options',
        role: 'radiogroup',
        'aria-label': t('What layers are placed for'),
      },
      ...objectives.map((objective, i) =>
        el(
          'label',
          { title: objectiveHints[objective] },
          radios[i],
          el('span', {}, objectiveNames[objective]),
        ),
      ),
    ),
  );
  return {
    element,
    render({ inputs }) {
      element.hidden = eachDevice(inputs.devices).length < 2;
      const chosen: Objective = inputs.objective ?? 'fit';
      for (const radio of radios) radio.checked = radio.value === chosen;
    },
  };
}
