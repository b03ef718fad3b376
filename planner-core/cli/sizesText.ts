import { formatDuration, formatMemory, formatOverhead } from '../base/format';
import { foldNames } from '../base/foldNames';
import type { SizeMethod, SizeRow, SizesAnswer } from '../session/sizes/sizesModel';
import { table } from './output';

/** Names that are alike but for numbers count as one. */
const mostNames = 2;

/** What `headroom plan --sizes` prints: the sentence, the plans, and how they and others' ways do. */
export function sizesText(answer: SizesAnswer): string {
  const { dimensions, rows, comparison, unplanned, predictor, notes } = answer;
  const mayOffload = rows.some(({ offloaded }) => offloaded);
  const head = [dimensions.join(' × '), 'batches', 'peak', 'overhead', 'slower than best', 'recomputed'];
  const parts = [
    answer.summary.join(' '),
    '',
    table([
      [...head, ...(mayOffload ? ['sent away'] : [])],
      ...rows.map((row) => [...rowCells(row), ...(mayOffload ? [offloadedCell(row)] : [])]),
    ]),
    '',
    table([
      ['method', 'overhead', 'step', 'over budget', 'plans', 'found again', 'planning', 'buffer'],
      ...comparison.map(methodCells),
    ]),
    ...unplanned.map(
      ({ size, share, leastBytes }) =>
        `No plan fits ${size.join('×')} (${percent(share)} of the batches): the least found is ${formatMemory(leastBytes)}.`,
    ),
    ...(predictor
      ? [
          '',
          `Quadratics through ${predictor.sizes.length} measured sizes, ${predictor.layers.length} layers: off by ${percent(predictor.medianError, 2)} (median), ${percent(predictor.worstError, 2)} (worst).`,
          ...(predictor.worstLeftOutError === undefined
            ? []
            : [
                `Each size predicted from the others: off by at most ${percent(predictor.worstLeftOutError, 2)}.`,
              ]),
          ...(predictor.medianMsError === undefined
            ? []
            : [`Times: off by ${percent(predictor.medianMsError, 1)} (median of the layers' worst).`]),
        ]
      : []),
    ...notes,
  ];
  return parts.join('\n');
}

function rowCells({
  range,
  upTo,
  exactly,
  share,
  peakBytes,
  overheadPercent,
  regretPercent,
  recomputed,
}: SizeRow): string[] {
  const sizes = range
    ? range[0] === range[1]
      ? String(range[0])
      : `${range[0]} – ${range[1]}`
    : `${exactly ? '' : 'up to '}${upTo.map((size) => size.join('×')).join(', ')}`;
  const folds = foldNames(recomputed);
  const shown = folds.slice(0, mostNames).map(({ text }) => text);
  const left = folds.slice(mostNames).reduce((sum, { names }) => sum + names.length, 0);
  return [
    sizes,
    percent(share),
    formatMemory(peakBytes),
    overheadPercent[1] > 0 ? `up to ${formatOverhead(overheadPercent[1])}` : formatOverhead(0),
    `${regretPercent.toFixed(1)} %`,
    [...shown, ...(left > 0 ? [`${left} more`] : [])].join(', ') || 'nothing',
  ];
}

/** `12 MiB of 3 operators` */
function offloadedCell({ offloaded = [], offloadedBytes = 0 }: SizeRow): string {
  if (offloaded.length === 0) return 'nothing';
  return `${formatMemory(offloadedBytes)} of ${offloaded.length} ${offloaded.length === 1 ? 'operator' : 'operators'}`;
}

const methodCells = (method: SizeMethod): string[] => [
  method.name,
  formatOverhead(method.overheadPercent),
  formatDuration(method.expectedMs),
  percent(method.overBudgetShare),
  method.planCount > 0 ? String(method.planCount) : '',
  method.hitRate === undefined ? '' : percent(method.hitRate),
  method.planningMs === undefined ? '' : `${method.planningMs.toFixed(2)} ms`,
  method.bufferBytes ? formatMemory(method.bufferBytes) : '',
];

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
