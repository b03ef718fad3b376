import { applyEdit, type PlanInputs } from '../../planner-core/plan/planInputs';
import type { SizesRequest, SizesState } from '../../planner-core/protocol/sizeQuestions';
import type { SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { sizesOf } from '../../planner-core/step/dimensions';
import { el, setAttributes, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { t, translated } from '../base/l10n';
import { inputsKey } from '../goals/sameInputs';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import type { Announcer } from '../ui/announcer';
import { questionPanel } from '../ui/questionPanel';
import { planTable } from './planTable';
import { sizesChart } from './sizesChart';
import { sizesFields } from './sizesFields';
import { comparisonTable, pointTable, predictorTable } from './sizesTables';
import {
  exactnessText,
  percentilesText,
  pointText,
  predictorText,
  shareOfPoint,
  sizeText,
  unplannedText,
  summaryText,
} from './sizesWords';

/**
 * Which plan for which size of the inputs: the peak by size, where plans change, what that costs on the batches there
 * are, and beside what others do. A plan of the table shows the step of its largest size; the table is kept with the plan.
 */
export function sizesPanel(
  connection: Connection,
  announcer: Announcer,
): { readonly button: HTMLElement; readonly panel: HTMLElement; render(view: View): void } {
  let shown: View | undefined;
  /** Index of the point that is looked at; undefined: the commonest size. */
  let chosen: number | undefined;
  const choose = (point: number | undefined): void => {
    chosen = point;
    if (shown) renderAnswer(shown);
  };
  const chart = sizesChart(choose);
  const summary = el('p', { class: 'sizes-summary' });
  const unplanned = el('p', { class: 'question-line tone-error' });
  const headline = el('h3', {});
  const facts = el('p', { class: 'question-line' });
  const share = el('p', { class: 'question-line' });
  const showStep = el('button', { class: 'apply-button', type: 'button' }, t('Show this step'));
  const keep = el('button', { class: 'apply-button', type: 'button' });
  const percentiles = el('p', { class: 'question-line' });
  const exactness = el('p', { class: 'question-line' });
  const notes = el('ul', { class: 'question-line sizes-notes' });
  const tables = el('div', { class: 'sizes-tables' });
  const answerElement = el(
    'div',
    { class: 'sizes-answer' },
    el('div', { class: 'sizes-said' }, summary, unplanned),
    chart.element,
    el(
      'div',
      { class: 'sizes-facts' },
      headline,
      facts,
      share,
      el('p', { class: 'split-actions' }, showStep, keep),
      percentiles,
      exactness,
      notes,
    ),
    tables,
  );
  const question = questionPanel<SizesRequest>(connection, {
    id: 'sizes',
    title: t('Input sizes'),
    label: t('Sizes'),
    hint: t('Which plan for which size of the inputs: where plans change, and what each costs'),
    note: t('Batches of different sizes, one plan for each range of them'),
    fields: sizesFields((role, asked) =>
      connection.send({ type: 'choose-sizes-file', role, question: asked }),
    ),
    answer: answerElement,
    ask: (asked) => connection.send({ type: 'ask-sizes', question: asked }),
    aboutOf: (inputs) => withoutSizes(inputs, changing(shown?.host.sizes?.answer)),
  });

  showStep.addEventListener('click', () => {
    const answer = shown?.host.sizes?.answer;
    if (!shown || !answer || showStep.getAttribute('aria-disabled') === 'true') return;
    const { size } = answer.points[pointOf(answer)];
    const sized = Object.fromEntries(answer.dimensions.map((name, i) => [name, size[i]]));
    const dims = { ...shown.inputs.workload.dims, ...sized };
    connection.edit({ kind: 'workload', changes: { dims } });
  });
  keep.addEventListener('click', () => {
    const answer = shown?.host.sizes?.answer;
    if (answer && keep.getAttribute('aria-disabled') !== 'true') connection.edit(answer.edit);
  });
  const showRow = (row: number): void => {
    const answer = shown?.host.sizes?.answer;
    if (!shown || !answer) return;
    const largest = answer.points.findLastIndex(({ planned }) => planned?.row === row);
    if (largest >= 0) choose(largest);
    if (holds) connection.edit(answer.rows[row].edit);
  };

  const pointOf = (answer: SizesAnswer): number => chosen ?? commonest(answer);
  const tableOf = memoizeLast((answer: SizesAnswer) => {
    chosen = undefined;
    const plans = planTable(answer, showRow);
    const { predictor, comparison } = answer;
    tables.replaceChildren(
      plans.element,
      ...(comparison.length > 0 ? [comparisonTable(answer)] : []),
      ...(predictor
        ? [
            el('p', { class: 'question-line' }, predictorText(predictor)),
            folded(
              t('Fitted layers ({0})', predictor.layers.length),
              predictorTable(predictor, answer.dimensions),
            ),
          ]
        : []),
      folded(t('Sizes ({0})', answer.points.length), pointTable(answer)),
    );
    setText(summary, summaryText(answer));
    for (const [element, text] of [
      [unplanned, unplannedText(answer)],
      [percentiles, percentilesText(answer)],
      [exactness, exactnessText(answer)],
    ] as const) {
      setText(element, text);
      element.hidden = text === '';
    }
    // What data decides is a fit, and not said as if it were proven.
    exactness.classList.toggle('tone-proof', !answer.exactness.fitted);
    notes.replaceChildren(...answer.notes.map((note) => el('li', {}, translated(note))));
    return plans;
  });
  let holds = false;
  const renderAnswer = (view: View): void => {
    const { sizes: asked } = view.host;
    answerElement.hidden = asked?.answer === undefined;
    if (!asked?.answer) return;
    const { answer } = asked;
    const table = tableOf(answer);
    const index = pointOf(answer);
    const point = answer.points[index];
    chart.render(answer, index);
    table.mark(point.planned?.row);
    setText(headline, sizeText(answer.dimensions, point.size));
    setText(facts, `${pointText(answer, point)}`);
    setText(share, shareOfPoint(point));
    const isShown = answer.dimensions.every((name, i) => dimensionOf(view, name) === point.size[i]);
    setText(showStep, isShown ? t('Shown below') : t('Show this step'));
    setAttributes(showStep, { 'aria-disabled': String(isShown || !holds) });
    const isKept = inputsKey(applyEdit(view.inputs, answer.edit)) === inputsKey(view.inputs);
    setText(keep, isKept ? t('Kept with the plan') : t('Keep with the plan'));
    setAttributes(keep, {
      'aria-disabled': String(isKept || !holds),
      title: t('Save and export carry the table'),
    });
    keep.classList.toggle('is-applied', isKept);
  };
  const tell = memoizeLast((state: SizesState | undefined) => {
    if (state?.answer && state.progress === undefined) announcer.say(summaryText(state.answer));
  });
  return {
    button: question.button,
    panel: question.panel,
    render(view) {
      shown = view;
      holds = question.render(view, view.host.sizes);
      renderAnswer(view);
      tell(view.host.sizes);
    },
  };
}

/** Dimensions that a plan of the table sets: those the sizes are of, and those fitted to them. */
const changing = (answer: SizesAnswer | undefined): string[] => [
  ...(answer?.dimensions ?? []),
  ...(answer?.exactness.fitted ?? []).map(({ dimension }) => dimension),
];

/** The inputs but for the sizes of these dimensions, and whether the table is kept with the plan. */
function withoutSizes({ sizes: _, ...inputs }: PlanInputs, dimensions: readonly string[]): PlanInputs {
  const dims = Object.entries(inputs.workload.dims).filter(([name]) => !dimensions.includes(name));
  return { ...inputs, workload: { ...inputs.workload, dims: Object.fromEntries(dims) } };
}

function commonest({ points }: SizesAnswer): number {
  return points.reduce((most, { share }, i) => (share > points[most].share ? i : most), 0);
}

const dimensionOf = ({ inputs, host }: View, name: string): number | undefined =>
  sizesOf(host.model?.dims ?? [], inputs.workload).get(name) ?? inputs.workload.dims[name];

const folded = (title: string, content: HTMLElement): HTMLElement =>
  el('details', { class: 'scale-folded' }, el('summary', {}, title), content);
