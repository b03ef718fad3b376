import { formatDuration, formatMemory, formatPercent, formatRate } from '../../planner-core/base/format';
import type { ScaleAnswer } from '../../planner-core/session/machines/scaleModel';
import { el } from '../base/dom';
import { answerTable } from '../ui/answerTable';
import { t, translated } from '../base/l10n';

type Option = ScaleAnswer['options'][number];
type Rejected = ScaleAnswer['rejected'][number];
type Way = Option | Rejected;

const recomputeNames: Readonly<Record<Option['stageList'][number]['recompute'], string>> = {
  none: t('none'),
  selective: t('selective'),
  full: t('full layers'),
};

/** Ways on screen; slower ones are behind a button. */
const shownOptions = 12;

/** Every way that fits, fastest first. `tokens`: of a sample, for models of sequences. */
export function optionTable({ options, boundMs }: ScaleAnswer, tokens: number | undefined): HTMLElement {
  const columns = [
    '#',
    ...wayColumns,
    t('Recompute'),
    t('Step'),
    t('Above bound'),
    t('Memory'),
    rateColumn(tokens),
    'MFU',
    t('Idle'),
  ];
  const rows = options.map((option, i) =>
    row(String(i + 1), [
      ...wayCells(option),
      [...new Set(option.stageList.map(({ recompute }) => recomputeNames[recompute]))].join(', '),
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
    answerTable(t('Ways that fit, fastest first'), columns, rows.slice(0, shownOptions)),
    ...(more > 0
      ? [
          folded(
            t('Slower ways ({0})', more),
            'slower',
            answerTable(t('Slower ways'), columns, rows.slice(shownOptions)),
          ),
        ]
      : []),
  );
}

/** What does not work, behind a button, with its reasons. */
export function rejectedTable({ rejected }: ScaleAnswer): HTMLElement {
  const rows = rejected.map((way, i) => row(String(i + 1), [...wayCells(way), translated(way.reason)]));
  const title = t('Ways that do not work ({0})', rejected.length);
  return folded(
    title,
    'rejected',
    answerTable(t('Ways that do not work'), ['#', ...wayColumns, t('Reason')], rows),
  );
}

/** The stages of the fastest way: which layers, what is recomputed, how long and how much. */
export function stageTable({ options: [best], layers }: ScaleAnswer): HTMLElement {
  const rows = best.stageList.map(({ from, to, recompute, loadMs, bytes }, i) =>
    row(String(i + 1), [
      to - from > 1 ? `${layers[from]} … ${layers[to - 1]}` : layers[from],
      String(to - from),
      recomputeNames[recompute],
      formatDuration(loadMs),
      formatMemory(bytes),
    ]),
  );
  const columns = [t('Stage'), t('Layers'), t('Count'), t('Recompute'), t('A micro-batch'), t('Memory')];
  return folded(
    t('Stages of the fastest way ({0})', best.stageList.length),
    'stages',
    answerTable(t('Stages of the fastest way'), columns, rows),
  );
}

/** `tensor 8, pipeline 4, data 2, ZeRO 1`. */
export const wayText = ({ tensor, stages, replicas, sharding }: Way): string =>
  sharding > 0
    ? t('tensor {0}, pipeline {1}, data {2}, ZeRO {3}', tensor, stages, replicas, sharding)
    : t('tensor {0}, pipeline {1}, data {2}', tensor, stages, replicas);

const wayColumns = [t('Tensor'), t('Pipeline'), t('Data'), 'ZeRO', t('Micro-batches')];

function wayCells({
  tensor,
  stages,
  replicas,
  sharding,
  innermost,
  microBatch,
  microBatches,
}: Way): string[] {
  const areNeighbours = stages > 1 && replicas > 1 && innermost === 'stages';
  const count = Number(microBatches.toFixed(2));
  return [
    String(tensor),
    areNeighbours ? t('{0} (neighbours)', stages) : String(stages),
    String(replicas),
    sharding === 0 ? '–' : String(sharding),
    `${count} × ${microBatch}`,
  ];
}

const rateColumn = (tokens: number | undefined): string => (tokens ? t('Tokens/s') : t('Samples/s'));

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
