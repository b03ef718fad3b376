import type { Asked } from '../../planner-core/protocol/machineQuestions';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { inputsKey } from '../goals/sameInputs';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { button as controlButton, progressRing } from './controls';
import { dropPanel } from './dropPanel';
import { t, translated } from '../base/l10n';

/** The fields of a question. */
export interface QuestionFields<Question> {
  readonly element: HTMLElement;
  readonly question: Question;
  /** false: something has to be filled in first, so opening the panel asks nothing. */
  readonly isComplete?: boolean;
  /** Takes over a question that was asked elsewhere. */
  set(question: Question): void;
  render(view: View): void;
}

export interface QuestionPanelParts<Question> {
  readonly id: string;
  readonly title: string;
  /** Of the button that opens the panel. */
  readonly label: string;
  readonly hint: string;
  /** What stops the work, and what is left of it. */
  readonly cancelHint?: string;
  /** Beside the title: what the numbers are of. */
  readonly note: string;
  readonly fields: QuestionFields<Question>;
  readonly answer: HTMLElement;
  readonly ask: (question: Question) => void;
  /** What of the inputs the answer is about; absent: all of them. */
  readonly aboutOf?: (inputs: PlanInputs) => PlanInputs;
}

export interface QuestionPanel<Question> {
  readonly button: HTMLElement;
  readonly panel: HTMLElement;
  readonly isOpen: boolean;
  /** Shows the panel and moves there. */
  open(): void;
  /** `isApplied`: the step on screen is the one that the answer leads to. Returns whether the answer holds for it. */
  render(view: View, asked: Asked<Question, unknown> | undefined, isApplied?: boolean): boolean;
}

/**
 * A drop panel that asks the planner: fields, a button that asks, the work with a way out, and what has become of the
 * question. Opened for the first time it asks what is in its fields; it opens by itself when a command has asked.
 */
export function questionPanel<Question>(
  connection: Connection,
  { id, title, label, hint, cancelHint, note, fields, answer, ask, aboutOf }: QuestionPanelParts<Question>,
): QuestionPanel<Question> {
  const button = el(
    'button',
    { id: `${id}-button`, class: 'quiet-button question-button', type: 'button', title: hint },
    label,
  );
  const askButton = controlButton({
    label: t('Ask'),
    appearance: 'primary',
    onClick: () => ask(fields.question),
  });
  const cancel = controlButton({
    label: t('Cancel'),
    appearance: 'secondary',
    title: cancelHint ?? t('Stop working on the question'),
    onClick: () => connection.send({ type: 'stop-asking' }),
  });
  const working = el('span', { class: 'activity-text' });
  const activity = el('span', { class: 'question-activity' }, progressRing(), working, cancel);
  const undo = el('button', { class: 'link-button', type: 'button' }, t('Undo'));
  undo.addEventListener('click', () => connection.undo());
  const staleText = el('span', {});
  const stale = el('p', { class: 'question-stale', hidden: true }, staleText, ' ', undo);
  const refusal = el('strong');
  const remedy = el('span');
  const failure = el(
    'p',
    { id: `${id}-refusal`, class: 'question-refusal tone-error', role: 'status', hidden: true },
    refusal,
    ' ',
    remedy,
  );
  const drop = dropPanel({
    id,
    title,
    button,
    head: [el('span', { class: 'muted' }, note)],
    content: [
      el('div', { class: 'question-form' }, fields.element, askButton, activity),
      stale,
      el('div', { class: 'question-body' }, failure, answer),
    ],
    closeHint: t('Close “{0}”', title),
  });
  const { panel } = drop;
  panel.classList.add('question-panel');

  let hasAsked = false;
  const show = (): void => {
    drop.toggle(true);
    // To open it is a question itself; what is in the fields can be asked again.
    if (!hasAsked && fields.isComplete !== false) ask(fields.question);
  };
  button.addEventListener('click', () => (drop.isOpen ? drop.toggle(false) : show()));

  fields.element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) ask(fields.question);
  });

  let lastRun: number | undefined;
  const followRun = (asked: Asked<Question, unknown> | undefined): void => {
    const run = asked?.run ?? 0;
    const isNew = lastRun === undefined ? asked?.progress !== undefined : run !== lastRun && run > 0;
    lastRun = run;
    if (!isNew || !asked) return;
    fields.set(asked.question);
    if (drop.isOpen) return;
    drop.toggle(true);
    panel.focus();
  };
  /** One of both buttons is there; the focus goes from the one that leaves to the other. */
  const showWork = (isWorking: boolean): void => {
    const [comes, leaves] = isWorking ? [cancel, askButton] : [askButton, cancel];
    const hadFocus = leaves === document.activeElement;
    askButton.hidden = isWorking;
    activity.hidden = !isWorking;
    if (hadFocus) comes.focus();
  };
  const keyOf = (inputs: PlanInputs): string => inputsKey(aboutOf ? aboutOf(inputs) : inputs);
  const isAbout = memoizeLast((asked: PlanInputs, current: PlanInputs) => keyOf(asked) === keyOf(current));
  return {
    button,
    panel,
    get isOpen() {
      return drop.isOpen;
    },
    open() {
      show();
      panel.focus();
    },
    render(view, asked, isApplied = false) {
      button.hidden = !view.host.model || !view.step;
      hasAsked = asked !== undefined;
      followRun(asked);
      fields.render(view);
      const isWorking = asked?.progress !== undefined;
      showWork(isWorking);
      setText(
        working,
        asked?.progress ? t('Working, {0} %', Math.round(100 * asked.progress)) : t('Working'),
      );
      failure.hidden = !asked?.error;
      setText(refusal, asked?.error ? translated(asked.error.message) : '');
      setText(remedy, asked?.error?.hint ? translated(asked.error.hint) : '');
      const holds = asked === undefined || isAbout(asked.inputs, view.inputs);
      stale.hidden = holds || isWorking || asked.answer === undefined;
      undo.hidden = !isApplied;
      setText(
        staleText,
        isApplied
          ? t('Applied. The answer is about the step before: undo to try another one, or ask again.')
          : t('The step has changed since: this answer is about the one before. Ask again.'),
      );
      drop.fit();
      return holds;
    },
  };
}
