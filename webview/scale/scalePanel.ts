import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { ScaleRequest, ScaleState } from '../../planner-core/protocol/machineQuestions';
import type { ScaleAnswer } from '../../planner-core/session/machines/scaleModel';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { flooredDuration } from '../placement/placementWords';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import type { Announcer } from '../ui/announcer';
import { counted } from '../ui/names';
import { questionPanel } from '../ui/questionPanel';
import { scaleFields } from './scaleFields';
import { optionTable, rejectedTable, stageTable, wayText } from './scaleTables';

/** How to train the model on many like servers: the ways that fit, ranked, and why others do not. */
export function scalePanel(
  connection: Connection,
  announcer: Announcer,
): { readonly button: HTMLElement; readonly panel: HTMLElement; render(view: View): void } {
  const headline = el('p', { class: 'split-headline' });
  const where = el('p', { class: 'question-line' });
  const proof = el('p', { class: 'question-line tone-proof' });
  const tables = el('div', { class: 'scale-tables' });
  const answerElement = el('div', { class: 'scale-answer' }, headline, where, proof, tables);
  const question = questionPanel<ScaleRequest>(connection, {
    id: 'scale',
    title: 'Scale over servers',
    label: 'Scale',
    hint: 'How to train the model on many like servers',
    note: 'Tensor, pipeline and data parallelism, with ZeRO and recomputation',
    fields: scaleFields(),
    answer: answerElement,
    ask: (asked) => connection.send({ type: 'ask-scale', question: asked }),
  });
  const show = memoizeLast((answer: ScaleAnswer, tokens: number | undefined) => {
    setText(headline, headlineOf(answer));
    setText(where, whereText(answer));
    setText(
      proof,
      `Proven for these costs: no way takes less than ${flooredDuration(answer.boundMs)} a step.`,
    );
    tables.replaceChildren(
      ...(answer.options.length > 0 ? [optionTable(answer, tokens), stageTable(answer)] : []),
      ...(answer.rejected.length > 0 ? [rejectedTable(answer)] : []),
    );
    tables
      .querySelector<HTMLDetailsElement>('.scale-rejected')
      ?.toggleAttribute('open', answer.options.length === 0);
  });
  const tell = memoizeLast((state: ScaleState | undefined) => {
    if (state?.answer && state.progress === undefined) announcer.say(headlineOf(state.answer));
  });
  return {
    button: question.button,
    panel: question.panel,
    render(view) {
      const { scale: asked } = view.host;
      answerElement.hidden = asked?.answer === undefined;
      if (asked?.answer) show(asked.answer, tokensOf(view, asked));
      question.render(view, asked);
      tell(asked);
    },
  };
}

function headlineOf({ options }: ScaleAnswer): string {
  if (options.length === 0) return 'Nothing fits.';
  const [best] = options;
  return `${formatDuration(best.stepMs)} a step with ${wayText(best)}`;
}

function whereText({ options, deviceCount, device, memoryBytes, globalBatch }: ScaleAnswer): string {
  const ways = options.length === 0 ? 'No way fits' : `${counted(options.length, 'way')} fit`;
  return `${ways} ${deviceCount} × ${device} with ${formatMemory(memoryBytes)} each, a batch of ${globalBatch}.`;
}

const sequenceName = /seq|token|^t$|^s$/i;

/** Tokens of a sample in the step that was asked about; undefined for models that have none. */
function tokensOf({ host }: View, { inputs }: ScaleState): number | undefined {
  const dim = host.model?.dims.find(({ name }) => sequenceName.test(name));
  return dim && (inputs.workload.dims[dim.name] ?? dim.assumed);
}
