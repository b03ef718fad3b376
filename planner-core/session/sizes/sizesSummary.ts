import { formatOverhead } from '../../base/format';
import type { Size } from '../../plan/sizePlan';
import type { SizeRow } from './sizesModel';

/** Rows told apart in the sentence. */
const mostTold = 4;

/**
 * "Up to seq 384 nothing needs recomputing; from 385 on, 1 layer is recomputed, up to +2.1 %; …" In several dimensions the rows are counted. `unplanned`: the
 * first size that no plan was found for.
 */
export function sizesSummary(
  dimensions: readonly string[],
  rows: readonly SizeRow[],
  unplanned: Size | undefined,
): string {
  const name = dimensions.join(' × ');
  if (rows.length === 1 && keepsAll(rows[0]) && !unplanned) return 'At every size everything can be kept.';
  if (dimensions.length > 1) {
    const kept = rows.filter(keepsAll).reduce((sum, { share }) => sum + share, 0);
    return `${(100 * kept).toFixed(0)} % of the batches need no recomputing; ${rows.length} plans cover all sizes of ${name} that fit.`;
  }
  const parts = rows.slice(0, mostTold).map((row, i) => {
    const [from, to] = row.range!;
    const what = keepsAll(row)
      ? 'nothing needs recomputing'
      : `${doneText(row)}, up to ${formatOverhead(row.overheadPercent[1])}`;
    return i === 0 ? `Up to ${name} ${to} ${what}` : `from ${from} on, ${what}`;
  });
  const more = rows.length - mostTold;
  const rest =
    more > 0 ? [`${more} more ${more === 1 ? 'plan' : 'plans'} from ${rows[mostTold].range![0]}`] : [];
  const none = unplanned ? [`no plan was found for ${unplanned[0]}`] : [];
  return `${[...parts, ...rest, ...none].join('; ')}.`;
}

const keepsAll = ({ recomputed, offloaded }: SizeRow): boolean => recomputed.length === 0 && !offloaded;

/** `2 layers are recomputed and 3 results leave the device` */
function doneText({ recomputed, offloaded = [] }: SizeRow): string {
  const parts = [
    ...(recomputed.length > 0
      ? [`${recomputed.length} ${recomputed.length === 1 ? 'layer is' : 'layers are'} recomputed`]
      : []),
    ...(offloaded.length > 0
      ? [`${offloaded.length} ${offloaded.length === 1 ? 'result leaves' : 'results leave'} the device`]
      : []),
  ];
  return parts.join(' and ');
}
