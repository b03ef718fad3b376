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
import { t } from '../base/l10n';

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
    title: t('Scale over servers'),
    label: t('Scale'),
    hint: t('How to train the model on many like servers'),
    note: t('Tensor, pipeline and data parallelism, with ZeRO and recomputation'),
    fields: scaleFields(),
    answer: answerElement,
    ask: (asked) => connection.send({ type: 'ask-scale', question: asked }),
  });
  const show = memoizeLast((answer: ScaleAnswer, tokens: number | undefined) => {
    setText(headline, headlineOf(answer));
    setText(where, whereText(answer));
    setText(
      proof,
      t('Proven for these costs: no way takes less than {0} a step.', flooredDuration(answer.boundMs)),
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
  if (options.length === 0) return t('Nothing fits.');
  const [best] = options;
  return t('{0} a step with {1}', formatDuration(best.stepMs), wayText(best));
}

function whereText({ options, deviceCount, device, memoryBytes, globalBatch }: ScaleAnswer): string {
  const devices = `${deviceCount} × ${device}`;
  const memory = formatMemory(memoryBytes);
  if (options.length === 0)
    return t('No way fits {0} with {1} each, a batch of {2}.', devices, memory, globalBatch);
  const ways = counted(options.length, 'way');
  return t('{0} fit {1} with {2} each, a batch of {3}.', ways, devices, memory, globalBatch);
}

const sequenceName = /seq|token|^t$|^s$/i;

/** Tokens of a sample in the step that was asked about; undefined for models that have none. */
function tokensOf({ host }: View, { inputs }: ScaleState): number | undefined {
  const dim = host.model?.dims.find(({ name }) => sequenceName.test(name));
  return dim && (inputs.workload.dims[dim.name] ?? dim.assumed);
}
