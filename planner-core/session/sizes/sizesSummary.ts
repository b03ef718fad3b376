import { formatOverhead } from '../../base/format';
import type { Size } from '../../plan/sizePlan';
import type { SizeRow } from './sizesModel';

/** Rows told apart in the sentence. */
const mostTold = 4;

/**
 * What the plans come to, a sentence each: "Up to seq 384 nothing needs recomputing.", "From 385 on: 1 layer recomputed, up to
 * +2.1 %." In several dimensions the plans are counted. `unplanned`: the first size that no plan was found for.
 */
export function sizesSummary(
  dimensions: readonly string[],
  rows: readonly SizeRow[],
  unplanned: Size | undefined,
): string[] {
  const name = dimensions.join(' × ');
  if (rows.length === 1 && keepsAll(rows[0]) && !unplanned) return ['At every size everything can be kept.'];
  if (dimensions.length > 1) {
    const kept = rows.filter(keepsAll).reduce((sum, { share }) => sum + share, 0);
    return [
      `${(100 * kept).toFixed(0)} % of the batches need no recomputing; ${rows.length} plans cover all sizes of ${name} that fit.`,
    ];
  }
  const told = rows.slice(0, mostTold).map((row, i) => {
    const [from, to] = row.range!;
    return i === 0 ? firstText(name, to, row) : laterText(from, row);
  });
  const more = rows.slice(mostTold);
  return [
    ...told,
    ...(more.length > 0 ? [`More plans from ${more[0].range![0]} on: ${more.length}.`] : []),
    ...(unplanned ? [`No plan was found for ${unplanned[0]}.`] : []),
  ];
}

const keepsAll = ({ recomputed, offloaded }: SizeRow): boolean => recomputed.length === 0 && !offloaded;

function firstText(name: string, to: number, row: SizeRow): string {
  const { layers, results, most } = done(row);
  if (!layers && !results) return `Up to ${name} ${to} nothing needs recomputing.`;
  if (!results) return `Up to ${name} ${to}: ${layers} recomputed, up to ${most}.`;
  if (!layers) return `Up to ${name} ${to}: ${results} sent away, up to ${most}.`;
  return `Up to ${name} ${to}: ${layers} recomputed and ${results} sent away, up to ${most}.`;
}

function laterText(from: number, row: SizeRow): string {
  const { layers, results, most } = done(row);
  if (!layers && !results) return `From ${from} on nothing needs recomputing.`;
  if (!results) return `From ${from} on: ${layers} recomputed, up to ${most}.`;
  if (!layers) return `From ${from} on: ${results} sent away, up to ${most}.`;
  return `From ${from} on: ${layers} recomputed and ${results} sent away, up to ${most}.`;
}

/** What a plan does, counted; empty where it does none of it. */
function done({
  recomputed,
  offloaded = [],
  overheadPercent,
}: SizeRow): Record<'layers' | 'results' | 'most', string> {
  const [layers, results] = [recomputed.length, offloaded.length];
  return {
    layers: layers === 0 ? '' : layers === 1 ? '1 layer' : `${layers} layers`,
    results: results === 0 ? '' : results === 1 ? '1 result' : `${results} results`,
    most: formatOverhead(overheadPercent[1]),
  };
}
