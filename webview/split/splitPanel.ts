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
import { t } from '../base/l10n';

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
  const here = smallButton(t('At the link'), t('Back to the bandwidth that the link has'), () =>
    choose(undefined),
  );
  const headline = el('p', { class: 'split-headline' });
  const parts = el('p', { class: 'question-line' });
  const proof = el('p', { class: 'question-line tone-proof' });
  const use = el('span', { class: 'split-use' });
  const sent = el('div', {
    class: 'split-sent',
    tabindex: '0',
    role: 'region',
    'aria-label': t('What crosses the cut'),
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
    title: t('Split between two devices'),
    label: t('Split'),
    hint: t('Where to cut the model between two devices, by the bandwidth between them'),
    note: t('One request after the other, nothing overlaps'),
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
    const made = applyButton(connection, from, edit, t('every layer goes where it has it'), usingWords);
    use.replaceChildren(made.element);
    return made;
  });
  const showSplit = memoizeLast((split: SplitView) =>
    sent.replaceChildren(...(split.sent.length > 0 ? [sentTable(split)] : [])),
  );
  const showPoint = memoizeLast((answer: SplitAnswer, point: SplitPoint) => {
    setText(headline, t('{0} at {1}', formatDuration(point.totalMs), formatBandwidth(point.gbPerS)));
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

const usingWords = { apply: t('Use this split'), applied: t('In use') };

function partsText({ between }: SplitAnswer, { split, totalMs }: SplitPoint): string {
  const { computeMs, operators, sent, sentBytes } = split;
  const parts = between.flatMap((id, i) =>
    operators[i] > 0
      ? [t('{0} for {1} on {2}', formatDuration(computeMs[i]), counted(operators[i], 'operator'), id)]
      : [],
  );
  if (sent.length === 0) return t('{0}: nothing crosses the link.', parts.join(', '));
  const link = formatDuration(Math.max(0, totalMs - computeMs[0] - computeMs[1]));
  return t(
    '{0}, {1} for {2} in {3} over the link.',
    parts.join(', '),
    link,
    formatMemory(sentBytes),
    counted(sent.length, 'tensor'),
  );
}

/** What is proven about all splits at that bandwidth. */
function proofText({ split: { boundMs, totalMs }, segment }: SplitPoint): string {
  if (segment) return t('Proven: no split takes less here. Memory is left aside.');
  return totalMs <= boundMs * (1 + 1e-9)
    ? t('Proven: no split that fits the memory of both takes less.')
    : t('Proven: no split that fits takes less than {0}.', formatDuration(boundMs));
}

/** Read out once it is answered. */
function summary({ gbPerS, between, now }: SplitAnswer): string {
  const [first, second] = between;
  return t(
    '{0} at {1}: {2} on {3}, {4} on {5}.',
    formatDuration(now.totalMs),
    formatBandwidth(gbPerS),
    counted(now.operators[0], 'operator'),
    first,
    now.operators[1],
    second,
  );
}
