import { baselineFamilies, type BaselineFamily } from '../../planner-core/planners/baselines/baseline';
import type { Frontier } from '../../planner-core/planners/frontier';
import { el, svgEl } from '../base/dom';
import type { Store } from '../state/store';
import { familyMark, familyNames } from './baselineFamilies';
import { t } from '../base/l10n';

/** The families of well-known rules: what their marks mean, and which are shown. */
export function baselineLegend(store: Store): {
  element: HTMLElement;
  render(frontier: Frontier, hidden: readonly BaselineFamily[]): void;
} {
  const toggle = (family: BaselineFamily): void => {
    const { hiddenBaselines } = store.state.ui;
    store.updateUi({
      hiddenBaselines: hiddenBaselines.includes(family)
        ? hiddenBaselines.filter((other) => other !== family)
        : [...hiddenBaselines, family],
    });
  };
  const buttons = baselineFamilies.map((family) => {
    const [word, meaning] = familyNames[family];
    const button = el(
      'button',
      { class: 'baseline-toggle', type: 'button', title: meaning, 'aria-label': `${word}: ${meaning}` },
      svgEl(
        'svg',
        { width: 12, height: 12, viewBox: '-6 -6 12 12', 'aria-hidden': 'true' },
        svgEl('path', { class: 'baseline-mark', d: familyMark(family) }),
      ),
      word,
    );
    button.addEventListener('click', () => toggle(family));
    return { family, button };
  });
  return {
    element: el(
      'div',
      { class: 'baseline-legend', role: 'group', 'aria-label': t('Well-known rules shown') },
      ...buttons.map(({ button }) => button),
    ),
    render({ baselines }, hidden) {
      for (const { family, button } of buttons) {
        button.hidden = !baselines.some((point) => point.family === family);
        button.setAttribute('aria-pressed', String(!hidden.includes(family)));
      }
    },
  };
}
