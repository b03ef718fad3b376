import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { GoalsState } from '../../planner-core/protocol/goals';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import type { Announcer } from '../ui/announcer';
import { button as controlButton, progressRing } from '../ui/controls';
import { dropPanel } from '../ui/dropPanel';
import { budgetCard, largestCard, waitingCard, type Answer } from './answerCards';
import { summary } from './goalWords';
import { optionList } from './optionList';
import { questionForm } from './questionForm';
import { inputsKey } from './sameInputs';

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
  const button = el(
    'button',
    {
      id: 'goals-button',
      class: 'quiet-button goals-button',
      type: 'button',
      title: 'The largest batch, the smallest budget, and what to change to fit a device',
    },
    'What fits?',
  );
  const ask = (): void => connection.send({ type: 'ask', question: form.question });
  const form = questionForm(() => undefined);
  const askButton = controlButton({ label: 'Ask', appearance: 'primary', onClick: ask });
  const cancel = controlButton({
    label: 'Cancel',
    appearance: 'secondary',
    title: 'Stop looking and keep the answers that are there',
    onClick: () => connection.send({ type: 'stop-asking' }),
  });
  const working = el('span', { class: 'activity-text' });
  const activity = el('span', { class: 'goal-activity' }, progressRing(), working, cancel);
  const undo = el('button', { class: 'link-button', type: 'button' }, 'Undo');
  undo.addEventListener('click', () => connection.undo());
  const staleText = el('span', {});
  const stale = el('p', { class: 'goal-stale', hidden: true }, staleText, ' ', undo);
  const failure = el('p', { class: 'goal-line tone-error', hidden: true });
  const answers = el('div', { class: 'goal-answers' });
  const drop = dropPanel({
    id: 'goals',
    title: 'What fits?',
    button,
    head: [
      el('span', { class: 'muted' }, 'Memory as nvidia-smi shows it: allocator and CUDA context included'),
    ],
    content: [
      el('div', { class: 'goals-form' }, form.element, askButton, activity),
      stale,
      el('div', { class: 'goals-body' }, failure, answers),
    ],
    closeHint: 'Close “What fits?”',
  });
  const { panel } = drop;

  let hasAsked = false;
  const open = (): void => {
    drop.toggle(true);
    // To open it is a question itself; what is in the fields can be asked again.
    if (!hasAsked) ask();
  };
  button.addEventListener('click', () => (drop.isOpen ? drop.toggle(false) : open()));

  /** Made anew only when an answer has come in, so that buttons keep the focus. */
  const makeAnswers = memoizeLast((signature: string): readonly Answer[] => {
    if (signature === '') return [];
    const state = JSON.parse(signature) as Signature;
    const { inputs, question, leastBudget, largestSize, options, isWorking } = state;
    const waiting = (id: string, text: string): Answer[] => (isWorking ? [waitingCard(id, text)] : []);
    return [
      ...(largestSize
        ? [largestCard(largestSize, connection, inputs)]
        : waiting('largest', 'Looking for the largest that fits …')),
      ...(leastBudget
        ? [budgetCard(leastBudget, question.maxOverheadPercent, connection, inputs)]
        : waiting('least-budget', 'Looking for the smallest budget …')),
      ...(options
        ? [optionList(options, connection, inputs)]
        : waiting('waiting', 'Then: what could be changed to fit.')),
    ];
  });
  const place = memoizeLast((made: readonly Answer[]) => {
    answers.replaceChildren(...made.map(({ element }) => element));
  });
  const markAnswers = memoizeLast(
    (made: readonly Answer[], asked: PlanInputs | undefined, current: PlanInputs) => {
      const key = inputsKey(current);
      const applied = made.flatMap(({ buttons }) => buttons).filter((one) => one.render(key)).length > 0;
      const holds = asked === undefined || inputsKey(asked) === key;
      stale.hidden = holds || made.length === 0;
      undo.hidden = !applied;
      const said = applied
        ? 'Applied. The answers are about the step before: undo to try another one, or ask again.'
        : 'The step has changed since: these answers are about the one before. Ask again.';
      setText(staleText, said);
    },
  );
  let lastRun: number | undefined;
  const followRun = (goals: GoalsState | undefined): void => {
    const run = goals?.run ?? 0;
    const isNew = lastRun === undefined ? goals?.progress !== undefined : run !== lastRun && run > 0;
    lastRun = run;
    if (!isNew || !goals) return;
    form.set(goals.question);
    if (drop.isOpen) return;
    drop.toggle(true);
    panel.focus();
  };
  const tell = memoizeLast((run: number, isDone: boolean, goals: string) => {
    if (run > 0 && isDone && goals) announcer.say(goals);
  });
  return {
    button,
    panel,
    open() {
      open();
      panel.focus();
    },
    render(view) {
      const { goals, model } = view.host;
      button.hidden = !model || !view.step;
      hasAsked = goals !== undefined;
      followRun(goals);
      form.render(view);
      const isWorking = goals?.progress !== undefined;
      askButton.hidden = isWorking;
      activity.hidden = !isWorking;
      setText(working, `Trying, ${Math.round(100 * (goals?.progress ?? 0))} %`);
      failure.hidden = !goals?.error;
      setText(failure, goals?.error?.message ?? '');
      const made = makeAnswers(signatureOf(goals));
      place(made);
      markAnswers(made, goals?.inputs, view.inputs);
      tell(goals?.run ?? 0, !isWorking, goals ? summary(goals) : '');
      drop.fit();
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
