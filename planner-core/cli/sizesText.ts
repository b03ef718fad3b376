import { formatDuration, formatMemory, formatOverhead } from '../base/format';
import { foldNames } from '../base/foldNames';
import { rareRows } from '../session/sizes/rareRows';
import type { SizeMethod, SizeRow, SizesAnswer } from '../session/sizes/sizesModel';
import { table } from './output';

/** Names that are alike but for numbers count as one. */
const mostNames = 2;

/**
 * What `headroom plan --sizes` prints: the sentence, the plans, and how they and others' ways do, in columns named as in the
 * view. Plans for hardly a batch are one line unless `verbose`.
 */
export function sizesText(answer: SizesAnswer, verbose: boolean): string {
  const { dimensions, rows, comparison, unplanned, predictor, notes } = answer;
  const mayOffload = rows.some(({ offloaded }) => offloaded);
  const rare = verbose ? [] : rareRows(rows);
  const rareShare = rare.reduce((sum, i) => sum + rows[i].share, 0);
  const parts = [
    ...answer.summary,
    '',
    table([
      [
        ...[
          dimensions.join(' × '),
          'batches',
          'highest peak',
          'overhead',
          'slower than the best',
          'recomputes',
        ],
        ...(mayOffload ? ['sends away'] : []),
      ],
      ...rows
        .filter((_, i) => !rare.includes(i))
        .map((row) => [...rowCells(row), ...(mayOffload ? [offloadedCell(row)] : [])]),
    ]),
    ...(rare.length > 0
      ? [
          `${rare.length} plans more, for ${rareShare > 0 ? `${percent(rareShare, 2)} of the batches` : 'sizes that no batch has'}: --verbose shows them`,
        ]
      : []),
    '',
    comparisonTable(comparison),
    '',
    ...comparison.flatMap(({ id, name, description }) =>
      explained.has(id) ? [`${name}: ${description}`] : [],
    ),
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

/** Ways of others, whose names alone say too little. */
const explained: ReadonlySet<string> = new Set(['static', 'mimose', 'mimose-largest-first', 'dtr']);

/** A row for each way; columns that none has a number for are left out. */
function comparisonTable(methods: readonly SizeMethod[]): string {
  const columns: readonly (readonly [string, (method: SizeMethod) => string])[] = [
    ['way of planning', ({ name }) => name],
    ['mean step', ({ expectedMs }) => formatDuration(expectedMs)],
    ['overhead', ({ overheadPercent }) => formatOverhead(overheadPercent)],
    ['batches over budget', ({ overBudgetShare }) => (overBudgetShare > 0 ? percent(overBudgetShare) : '')],
    ['highest peak', ({ highestPeakBytes }) => formatMemory(highestPeakBytes)],
    ['plans used', ({ planCount }) => (planCount > 0 ? String(planCount) : '')],
    ['plan was there', ({ hitRate }) => (hitRate === undefined ? '' : percent(hitRate))],
    ['time to plan a size', ({ planningMs }) => (planningMs === undefined ? '' : formatDuration(planningMs))],
    ['memory left unused', ({ bufferBytes }) => (bufferBytes ? formatMemory(bufferBytes) : '')],
  ];
  const told = columns.filter(([, cell]) => methods.some((method) => cell(method) !== ''));
  return table([
    told.map(([name]) => name),
    ...methods.map((method) => told.map(([, cell]) => cell(method))),
  ]);
}

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
