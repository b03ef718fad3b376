import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { GoalsQuestion, GoalsState } from '../../planner-core/protocol/goals';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import type { Announcer } from '../ui/announcer';
import { questionPanel } from '../ui/questionPanel';
import { budgetCard, largestCard, waitingCard, type Answer } from './answerCards';
import { memoryAsked, summary } from './goalWords';
import { optionList } from './optionList';
import { questionForm } from './questionForm';
import { inputsKey } from './sameInputs';
import { t } from '../base/l10n';

/**
 * "What fits?": planning turned round. The panel asks what fits a device and shows the answers as they arrive, each
 * with a button that makes it the step. They hold for the step they were asked about: once it changes they can only be
 * read, until it is undone or asked again. Opens at its button and when a command has asked.
 */
export function goalsPanel(
  connection: Connection,
  announcer: Announcer,
): {
  readonly button: HTMLElement;
  readonly panel: HTMLElement;
  /** Shows the panel and moves there, as its button does. */
  open(): void;
  render(view: View): void;
} {
  const answers = el('div', { class: 'goal-answers' });
  const shell = questionPanel<GoalsQuestion>(connection, {
    id: 'goals',
    title: t('What fits?'),
    label: t('What fits?'),
    hint: t('The largest batch, the smallest budget, and what to change to fit a device'),
    cancelHint: t('Stop looking and keep the answers that are there'),
    note: t('Memory as nvidia-smi shows it: allocator and CUDA context included'),
    fields: questionForm(),
    answer: answers,
    ask: (question) => connection.send({ type: 'ask', question }),
  });

  /** Made anew only when an answer has come in, so that buttons keep the focus. */
  const makeAnswers = memoizeLast((signature: string): readonly Answer[] => {
    if (signature === '') return [];
    const state = JSON.parse(signature) as Signature;
    const { inputs, question, leastBudget, largestSize, options, isWorking } = state;
    const waiting = (id: string, text: string): Answer[] => (isWorking ? [waitingCard(id, text)] : []);
    return [
      ...(largestSize
        ? [largestCard(largestSize, connection, inputs)]
        : waiting('largest', t('Looking for the largest that fits …'))),
      ...(leastBudget
        ? [
            budgetCard(
              leastBudget,
              question.maxOverheadPercent,
              memoryAsked(question, inputs),
              connection,
              inputs,
            ),
          ]
        : waiting('least-budget', t('Looking for the smallest budget …'))),
      ...(options
        ? [optionList(options, connection, inputs)]
        : waiting('waiting', t('Then: what could be changed to fit.'))),
    ];
  });
  const place = memoizeLast((made: readonly Answer[]) => {
    answers.replaceChildren(...made.map(({ element }) => element));
  });
  /** Does the step on screen come from one of the answers? */
  const isApplied = memoizeLast((made: readonly Answer[], current: PlanInputs): boolean => {
    const key = inputsKey(current);
    return made.flatMap(({ buttons }) => buttons).filter((one) => one.render(key)).length > 0;
  });
  const tell = memoizeLast((run: number, isDone: boolean, goals: string) => {
    if (run > 0 && isDone && goals) announcer.say(goals);
  });
  return {
    button: shell.button,
    panel: shell.panel,
    open: () => shell.open(),
    render(view) {
      const { goals } = view.host;
      const made = makeAnswers(signatureOf(goals));
      place(made);
      const asked = goals && { ...goals, answer: made.length > 0 ? made : undefined };
      shell.render(view, asked, isApplied(made, view.inputs));
      tell(goals?.run ?? 0, goals?.progress === undefined, goals ? summary(goals) : '');
    },
  };
}

type Signature = Omit<GoalsState, 'progress' | 'error'> & { readonly isWorking: boolean };

/** All that the answers on screen depend on: not how far the work has come. */
function signatureOf(goals: GoalsState | undefined): string {
  if (!goals) return '';
  const { run, inputs, question, leastBudget, largestSize, options, progress } = goals;
  const isWorking = progress !== undefined;
  const shown: Signature = { run, inputs, question, leastBudget, largestSize, options, isWorking };
  return JSON.stringify(shown);
}
