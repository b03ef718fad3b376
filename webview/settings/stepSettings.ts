import type { Edit, PlanInputs } from '../../planner-core/plan/planInputs';
import type { Workload } from '../../planner-core/step/workload';
import { el, setAttributes, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { dropPanel } from '../ui/dropPanel';
import { smallButton } from '../ui/smallButton';
import { choiceControl } from './choiceControl';
import { changedCount, choiceSettings, countSettings, resetChanges } from './choices';
import { countControl } from './countControl';
import { frozenList } from './frozenList';
import { changedOffload, offloadReset, offloadSettings } from './offloadSettings';
import { patternList } from './patternList';
import { t } from '../base/l10n';

/**
 * The settings of a step that the bar has no room for: a button that says how many are not at their default, and the
 * panel it opens. The panel stays open while layers are frozen or the sentence is watched; Escape closes it.
 */
export function stepSettings(connection: Connection): {
  readonly button: HTMLElement;
  readonly panel: HTMLElement;
  /** Opens the panel where it says what values leave the device over. */
  openOffload(): void;
  render(view: View): void;
} {
  const change = (changes: Partial<Workload>): void => connection.edit({ kind: 'workload', changes });
  const controls = [
    ...choiceSettings.map((setting) => choiceControl(setting, change)),
    ...countSettings.map((setting) => countControl(setting, change)),
    frozenList(change),
  ];
  const patterns = patternList(change);
  const offload = offloadSettings((edit) => connection.edit(edit));
  const badge = el('span', { class: 'badge', 'aria-hidden': 'true' });
  const button = el(
    'button',
    {
      id: 'step-settings-button',
      class: 'quiet-button settings-button',
      type: 'button',
    },
    t('Step settings'),
    // So that what is read is part of the name: "Step settings 1 …".
    ' ',
    badge,
  );
  let shown: PlanInputs | undefined;
  const reset = smallButton(t('Reset'), t('Put every setting back to its default'), () => {
    const workload: Edit = { kind: 'workload', changes: resetChanges() };
    const hasOffload = shown !== undefined && changedOffload(shown) > 0;
    const edits = [workload, ...offloadReset];
    connection.edit(
      hasOffload ? { kind: 'several', label: t('Step settings at their defaults'), edits } : workload,
    );
  });
  const drop = dropPanel({
    id: 'step-settings',
    title: t('Step settings'),
    button,
    head: [el('span', { class: 'muted' }, el('span', { class: 'default-mark' }), ` ${t('default')}`), reset],
    content: [
      el(
        'div',
        { class: 'settings-body' },
        ...controls.map(({ element }) => element),
        offload.element,
        patterns.element,
      ),
    ],
    closeHint: t('Close the step settings'),
  });

  button.addEventListener('click', () => drop.toggle(!drop.isOpen));
  const show = memoizeLast((inputs: PlanInputs) => {
    shown = inputs;
    const { workload } = inputs;
    const changed = changedCount(workload) + changedOffload(inputs);
    badge.hidden = changed === 0;
    setText(badge, String(changed));
    setAttributes(button, {
      'aria-label': changed === 0 ? t('Step settings') : t('Step settings, {0} not at default', changed),
      title: t(
        'What the step does besides: kernels, optimizer update, gradient accumulation, frozen modules …',
      ),
    });
    reset.disabled = changed === 0;
    for (const control of controls) control.render(workload);
    offload.render(inputs);
  });
  return {
    button,
    panel: drop.panel,
    openOffload() {
      drop.toggle(true);
      offload.focusLink();
    },
    render({ inputs, host }) {
      show(inputs);
      patterns.render(inputs.workload, host.step);
      drop.fit();
    },
  };
}
