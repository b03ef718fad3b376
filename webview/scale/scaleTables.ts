import { formatDuration, formatMemory, formatPercent, formatRate } from '../../planner-core/base/format';
import type { ScaleAnswer } from '../../planner-core/session/machines/scaleModel';
import { el } from '../base/dom';
import { answerTable } from '../ui/answerTable';

type Option = ScaleAnswer['options'][number];
type Rejected = ScaleAnswer['rejected'][number];
type Way = Option | Rejected;

/** Ways on screen; slower ones are behind a button. */
const shownOptions = 12;

/** Every way that fits, fastest first. `tokens`: of a sample, for models of sequences. */
export function optionTable({ options, boundMs }: ScaleAnswer, tokens: number | undefined): HTMLElement {
  const columns = [
    '#',
    ...wayColumns,
    'Recompute',
    'Step',
    'Above bound',
    'Memory',
    rateColumn(tokens),
    'MFU',
    'Idle',
  ];
  const rows = options.map((option, i) =>
    row(String(i + 1), [
      ...wayCells(option),
      [...new Set(option.stageList.map(({ recompute }) => recompute))].join(', '),
      formatDuration(option.stepMs),
      aboveBound(option, boundMs),
      formatMemory(option.peakBytes),
      formatRate(option.samplesPerSecond * (tokens ?? 1)),
      formatPercent(100 * option.utilisation),
      formatPercent(100 * option.bubbleShare),
    ]),
  );
  const more = rows.length - shownOptions;
  return el(
    'div',
    {},
    answerTable('Ways that fit, fastest first', columns, rows.slice(0, shownOptions)),
    ...(more > 0
      ? [
          folded(
            `Slower ways (${more})`,
            'slower',
            answerTable('Slower ways', columns, rows.slice(shownOptions)),
          ),
        ]
      : []),
  );
}

/** What does not work, behind a button, with its reasons. */
export function rejectedTable({ rejected }: ScaleAnswer): HTMLElement {
  const rows = rejected.map((way, i) => row(String(i + 1), [...wayCells(way), way.reason]));
  const title = `Ways that do not work (${rejected.length})`;
  return folded(
    title,
    'rejected',
    answerTable('Ways that do not work', ['#', ...wayColumns, 'Reason'], rows),
  );
}

/** The stages of the fastest way: which layers, what is recomputed, how long and how much. */
export function stageTable({ options: [best], layers }: ScaleAnswer): HTMLElement {
  const rows = best.stageList.map(({ from, to, recompute, loadMs, bytes }, i) =>
    row(String(i + 1), [
      to - from > 1 ? `${layers[from]} … ${layers[to - 1]}` : layers[from],
      String(to - from),
      recompute,
      formatDuration(loadMs),
      formatMemory(bytes),
    ]),
  );
  const columns = ['Stage', 'Layers', 'Count', 'Recompute', 'A micro-batch', 'Memory'];
  return folded(
    `Stages of the fastest way (${best.stageList.length})`,
    'stages',
    answerTable('Stages of the fastest way', columns, rows),
  );
}

/** `tensor 8, pipeline 4, data 2, ZeRO 1`. */
export const wayText = ({ tensor, stages, replicas, sharding }: Way): string =>
  `tensor ${tensor}, pipeline ${stages}, data ${replicas}${sharding > 0 ? `, ZeRO ${sharding}` : ''}`;

const wayColumns = ['Tensor', 'Pipeline', 'Data', 'ZeRO', 'Micro-batches'];

function wayCells({
  tensor,
  stages,
  replicas,
  sharding,
  innermost,
  microBatch,
  microBatches,
}: Way): string[] {
  const together = stages > 1 && replicas > 1 && innermost === 'stages' ? ' (neighbours)' : '';
  const count = Number(microBatches.toFixed(2));
  return [
    String(tensor),
    `${stages}${together}`,
    String(replicas),
    sharding === 0 ? '–' : String(sharding),
    `${count} × ${microBatch}`,
  ];
}

const rateColumn = (tokens: number | undefined): string => (tokens ? 'Tokens/s' : 'Samples/s');

/** Rounded up: how far it is at most from what is proven. */
function aboveBound({ stepMs }: Option, boundMs: number): string {
  if (!(boundMs > 0)) return '–';
  const percent = 100 * (stepMs / boundMs - 1);
  return `+${formatPercent(Math.ceil(Math.max(0, percent) * 10 - 1e-6) / 10)}`;
}

const folded = (title: string, name: string, content: HTMLElement): HTMLElement =>
  el('details', { class: `scale-folded scale-${name}` }, el('summary', {}, title), content);

function row(head: string, cells: readonly string[]): HTMLTableRowElement {
  return el('tr', {}, el('th', { scope: 'row' }, head), ...cells.map((cell) => el('td', {}, cell)));
}
