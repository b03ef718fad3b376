import type { Decision } from '../../planner-core/plan/plan';
import type { ComparisonForm } from '../../planner-core/protocol/comparedPlan';
import type { PlanView } from '../../planner-core/session/types';
import { el, setText } from '../base/dom';
import { t } from '../base/l10n';
import { memoizeLast } from '../base/memoize';
import { effectiveChoices } from '../layers/effectiveChoice';
import { layerDifferences } from '../layers/layerDifferences';
import { storedId, type OtherPlan } from '../state/comparedWith';
import type { Connection } from '../state/connection';
import type { ShownPlan } from '../state/shownPlan';
import type { Store } from '../state/store';
import type { Pane, StepModel } from '../state/view';
import { smallButton } from '../ui/smallButton';
import { tableTwin } from '../ui/tableTwin';
import { costWords, countWords, differenceRows } from './differenceWords';

/** What the plan on screen costs against another one, how many layers it decides otherwise, and the ways to see them. */
export function compareBar(store: Store, connection: Connection): Pane {
  const name = el('strong');
  const words = el('span', { class: 'compare-words', role: 'status' });
  const table = tableTwin(
    store,
    'differences',
    t('What the two plans decide otherwise'),
    [t('Setting or layer'), t('This plan'), t('Compared with')],
    t('List'),
  );
  const showLayers = smallButton(t('Show layers'), t('Show the layers that the plans decide otherwise'), () =>
    store.updateUi({ filter: 'changed:', closedWhileFiltered: [], showsGraph: false }),
  );
  const stop = smallButton(t('Stop comparing'), t('Stop comparing with the other plan'), () => {
    const { filter } = store.state.ui;
    store.updateUi({ compareWith: undefined, ...(filter === 'changed:' && { filter: '' }) });
  });
  const asText = (form: ComparisonForm): void => connection.send({ type: 'show-comparison', form });
  const texts = [
    smallButton(t('In words'), t('Show in plain words what differs between the two plans'), () =>
      asText('words'),
    ),
    smallButton(t('Side by side'), t('Show both plan files side by side'), () => asText('side-by-side')),
  ];
  const tools = el('div', { class: 'compare-tools' }, showLayers, table.toggle, ...texts, stop);
  const element = el(
    'section',
    { id: 'compare-bar', class: 'compare-bar', 'aria-label': t('Comparison of plans'), hidden: true },
    el('div', { class: 'compare-line' }, name, words, tools),
    table.element,
  );
  const show = memoizeLast(
    (
      step: StepModel,
      shown: ShownPlan,
      pins: readonly Decision[],
      other: OtherPlan,
      plan: PlanView | undefined,
    ) => {
      const { evaluation, decisions } = shown;
      const { tree } = step;
      const own = effectiveChoices(step.view.step, tree, evaluation.directives, decisions, pins);
      const differences = layerDifferences(tree, own, other);
      setText(name, t('Against {0}:', other.label));
      const costs = costWords(evaluation, other.evaluation);
      setText(words, t('{0}; {1}.', costs, countWords(differences)));
      const rows = differenceRows(tree, own, differences, shown.preview ? undefined : plan?.plan, other);
      table.setRows(rows);
      table.toggle.hidden = rows.length === 0;
      showLayers.hidden = !differences.changed.includes(1);
    },
  );
  return {
    element,
    render({ step, shown, other, inputs, host, ui }) {
      element.hidden = !step || !shown || !other;
      if (!step || !shown || !other) return;
      for (const button of texts) button.hidden = other.id !== storedId;
      show(step, shown, inputs.pins, other, host.plan);
      table.show(!table.toggle.hidden && ui.tables.includes('differences'));
    },
  };
}
