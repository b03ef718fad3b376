import { formatBandwidth, formatDuration, formatMemory } from '../../planner-core/base/format';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import {
  splitBetween,
  type SplitRequest,
  type SplitState,
} from '../../planner-core/protocol/machineQuestions';
import type { SplitAnswer, SplitView } from '../../planner-core/session/machines/splitModel';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { applyButton } from '../goals/applyButton';
import { inputsKey } from '../goals/sameInputs';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import type { Announcer } from '../ui/announcer';
import { counted } from '../ui/names';
import { questionPanel } from '../ui/questionPanel';
import { smallButton } from '../ui/smallButton';
import { secondDevice } from './secondDevice';
import { splitChart } from './splitChart';
import { splitAt, type SplitPoint } from './splitCurve';
import { splitFields } from './splitFields';
import { segmentTable, sentTable } from './splitTables';

/**
 * Where to cut the model between a device that asks and one that helps: its time by the bandwidth of their link, what
 * crosses the cut at a bandwidth, and a button that puts every layer where that split has it.
 */
export function splitPanel(
  connection: Connection,
  announcer: Announcer,
): { readonly button: HTMLElement; readonly panel: HTMLElement; render(view: View): void } {
  let shown: View | undefined;
  /** Bandwidth on screen; undefined: that of the link. */
  let chosenGbPerS: number | undefined;
  const choose = (gbPerS: number | undefined): void => {
    chosenGbPerS = gbPerS;
    if (shown) renderAnswer(shown);
  };
  const chart = splitChart(choose);
  const here = smallButton('At the link', 'Back to the bandwidth that the link has', () => choose(undefined));
  const headline = el('p', { class: 'split-headline' });
  const parts = el('p', { class: 'question-line' });
  const proof = el('p', { class: 'question-line tone-proof' });
  const use = el('span', { class: 'split-use' });
  const sent = el('div', {
    class: 'split-sent',
    tabindex: '0',
    role: 'region',
    'aria-label': 'What crosses the cut',
  });
  const segments = el('div', { class: 'split-segments' });
  const answerElement = el(
    'div',
    { class: 'split-answer' },
    chart.element,
    el(
      'div',
      { class: 'split-facts' },
      headline,
      parts,
      proof,
      el('p', { class: 'split-actions' }, use, here),
      sent,
    ),
    segments,
  );
  /** A second device is on its way: then the split is asked for. */
  let asksNext = false;
  const second = secondDevice(connection, () => (asksNext = true));
  const fields = splitFields(second.element);
  const question = questionPanel<SplitRequest>(connection, {
    id: 'split',
    title: 'Split between two devices',
    label: 'Split',
    hint: 'Where to cut the model between two devices, by the bandwidth between them',
    note: 'One request after the other, nothing overlaps',
    fields,
    answer: answerElement,
    ask: (asked) => connection.send({ type: 'ask-split', question: asked }),
  });

  const tableOf = memoizeLast((answer: SplitAnswer) => {
    const table = segmentTable(answer, choose);
    segments.replaceChildren(table.element);
    chosenGbPerS = undefined;
    return table;
  });
  const pointOf = memoizeLast(splitAt);
  const buttonOf = memoizeLast(({ edit }: SplitView, from: PlanInputs) => {
    const made = applyButton(connection, from, edit, 'every layer goes where it has it', usingWords);
    use.replaceChildren(made.element);
    return made;
  });
  const showSplit = memoizeLast((split: SplitView) =>
    sent.replaceChildren(...(split.sent.length > 0 ? [sentTable(split)] : [])),
  );
  const showPoint = memoizeLast((answer: SplitAnswer, point: SplitPoint) => {
    setText(headline, `${formatDuration(point.totalMs)} at ${formatBandwidth(point.gbPerS)}`);
    setText(parts, partsText(answer, point));
    setText(proof, proofText(point));
    here.hidden = point.gbPerS === answer.gbPerS;
  });
  /** Returns whether the split on screen is the step on screen. */
  const renderAnswer = (view: View): boolean => {
    const { split: asked } = view.host;
    answerElement.hidden = asked?.answer === undefined;
    if (!asked?.answer) return false;
    const { answer, inputs } = asked;
    const table = tableOf(answer);
    const point = pointOf(answer, chosenGbPerS ?? answer.gbPerS);
    chart.render(
      answer,
      point,
      view.devices.map(({ id }) => id),
    );
    table.mark(point.segment);
    showPoint(answer, point);
    showSplit(point.split);
    return buttonOf(point.split, inputs).render(inputsKey(view.inputs));
  };
  const tell = memoizeLast((state: SplitState | undefined) => {
    if (state?.answer && state.progress === undefined) announcer.say(summary(state.answer));
  });
  return {
    button: question.button,
    panel: question.panel,
    render(view) {
      shown = view;
      second.render(view);
      // Only once the host has the device, too.
      if (asksNext && splitBetween(fields.question, view.host.inputs)) {
        asksNext = false;
        connection.send({ type: 'ask-split', question: fields.question });
      }
      question.render(view, view.host.split, renderAnswer(view));
      tell(view.host.split);
    },
  };
}

const usingWords = { apply: 'Use this split', applied: 'In use' };

function partsText({ between }: SplitAnswer, { split, totalMs }: SplitPoint): string {
  const { computeMs, operators, sent, sentBytes } = split;
  const parts = between.flatMap((id, i) =>
    operators[i] > 0
      ? [`${formatDuration(computeMs[i])} for ${counted(operators[i], 'operator')} on ${id}`]
      : [],
  );
  if (sent.length === 0) return `${parts.join(', ')}: nothing crosses the link.`;
  const link = formatDuration(Math.max(0, totalMs - computeMs[0] - computeMs[1]));
  return `${parts.join(', ')}, ${link} for ${formatMemory(sentBytes)} in ${counted(sent.length, 'tensor')} over the link.`;
}

/** What is proven about all splits at that bandwidth. */
function proofText({ split: { boundMs, totalMs }, segment }: SplitPoint): string {
  if (segment) return 'Proven: no split takes less here. Memory is left aside.';
  return totalMs <= boundMs * (1 + 1e-9)
    ? 'Proven: no split that fits the memory of both takes less.'
    : `Proven: no split that fits takes less than ${formatDuration(boundMs)}.`;
}

/** Read out once it is answered. */
function summary({ gbPerS, between, now }: SplitAnswer): string {
  const [first, second] = between;
  return (
    `${formatDuration(now.totalMs)} at ${formatBandwidth(gbPerS)}: ` +
    `${counted(now.operators[0], 'operator')} on ${first}, ${now.operators[1]} on ${second}.`
  );
}
