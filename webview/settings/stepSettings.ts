import type { Workload } from '../../planner-core/step/workload';
import { el, setAttributes, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { smallButton } from '../ui/smallButton';
import { choiceControl } from './choiceControl';
import { changedCount, choiceSettings, countSettings, resetChanges } from './choices';
import { countControl } from './countControl';
import { frozenList } from './frozenList';
import { patternList } from './patternList';

const marginPx = 12;
const leastPx = 320;

/**
 * The settings of a step that the bar has no room for: a button that says how many are not at their default, and the
 * panel it opens. The panel stays open while layers are frozen or the sentence is watched; Escape closes it.
 */
export function stepSettings(connection: Connection): {
  readonly button: HTMLElement;
  readonly panel: HTMLElement;
  render(view: View): void;
} {
  const change = (changes: Partial<Workload>): void => connection.edit({ kind: 'workload', changes });
  const controls = [
    ...choiceSettings.map((setting) => choiceControl(setting, change)),
    ...countSettings.map((setting) => countControl(setting, change)),
    frozenList(change),
  ];
  const patterns = patternList(change);
  const badge = el('span', { class: 'badge', 'aria-hidden': 'true' });
  const button = el(
    'button',
    {
      id: 'step-settings-button',
      class: 'quiet-button settings-button',
      type: 'button',
      'aria-expanded': 'false',
      'aria-controls': 'step-settings',
    },
    'Step settings',
    badge,
  );
  const reset = smallButton('Reset', 'Put every setting back to its default', () => change(resetChanges()));
  const panel = el(
    'section',
    { id: 'step-settings', class: 'settings', 'aria-label': 'Step settings', tabindex: '-1', hidden: true },
    el(
      'div',
      { class: 'settings-head' },
      el('h3', {}, 'Step settings'),
      el('span', { class: 'muted' }, el('span', { class: 'default-mark' }), ' default'),
      reset,
      smallButton('×', 'Close the step settings', () => toggle(false)),
    ),
    el('div', { class: 'settings-body' }, ...controls.map(({ element }) => element), patterns.element),
  );

  const toggle = (open: boolean): void => {
    const hadFocus = panel.contains(document.activeElement);
    panel.hidden = !open;
    setAttributes(button, { 'aria-expanded': String(open) });
    if (!open && hadFocus) button.focus();
    fit();
  };
  /** Down to the lower end of the window: how tall the header above it is depends on what it has to say. */
  const fit = (): void => {
    if (panel.hidden) return;
    const room = window.innerHeight - (panel.parentElement?.getBoundingClientRect().bottom ?? 0) - marginPx;
    panel.style.maxHeight = `${Math.max(room, leastPx)}px`;
  };
  window.addEventListener('resize', fit);
  button.addEventListener('click', () => toggle(panel.hidden !== false));
  for (const element of [button, panel]) {
    element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !panel.hidden) toggle(false);
    });
  }
  const show = memoizeLast((workload: Workload) => {
    const changed = changedCount(workload);
    badge.hidden = changed === 0;
    setText(badge, String(changed));
    setAttributes(button, {
      'aria-label': changed === 0 ? 'Step settings' : `Step settings, ${changed} not at default`,
      title: 'What the step does besides: kernels, optimizer update, gradient accumulation, frozen modules …',
    });
    reset.disabled = changed === 0;
    for (const control of controls) control.render(workload);
  });
  return {
    button,
    panel,
    render({ inputs, host }) {
      show(inputs.workload);
      patterns.render(inputs.workload, host.step);
      fit();
    },
  };
}
