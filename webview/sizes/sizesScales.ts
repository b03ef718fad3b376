import { scaleLinear, type ScaleLinear } from 'd3';
import type { SizePoint, SizeRow, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import type { Size as Pixels } from '../base/size';

export const margin = { left: 62, right: 18, top: 26, bottom: 96 };

/** Height of the histogram, below the ticks of the sizes. */
export const histogramHeight = 58;

/** A budget further above the curve than this is told, not drawn: the curve would lie on the axis. */
const highestBudget = 1.6;

/** Sizes and bytes (one dimension), or both dimensions, to pixels. */
export interface SizesScales {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly right: number;
  /** Of the plot; the histogram is below. */
  readonly bottom: number;
  /** Of all. */
  readonly height: number;
}

/** Of one dimension: memory by size. */
export function curveScales({ points, budgetBytes }: SizesAnswer, pixels: Pixels): SizesScales {
  const { right, bottom } = plotOf(pixels, margin.bottom);
  const sizes = points.map(({ size }) => size[0]);
  const peaks = points.flatMap(({ keepAllPeakBytes, planned }) => [
    keepAllPeakBytes,
    planned?.peakBytes ?? 0,
  ]);
  const highest = Math.max(...peaks);
  const top = 1.08 * (budgetBytes <= highestBudget * highest ? Math.max(highest, budgetBytes) : highest);
  return {
    x: scaleLinear(rangeOf(sizes, 0), [margin.left, right]),
    y: scaleLinear([0, top], [bottom, margin.top]),
    ...{ right, bottom, height: pixels.height },
  };
}

/** Of two dimensions: a map of sizes. */
export function mapScales({ points }: SizesAnswer, pixels: Pixels): SizesScales {
  const { right, bottom } = plotOf(pixels, 44);
  return {
    x: scaleLinear(
      rangeOf(
        points.map(({ size }) => size[0]),
        0.06,
      ),
      [margin.left, right],
    ),
    y: scaleLinear(
      rangeOf(
        points.map(({ size }) => size[1]),
        0.06,
      ),
      [bottom, margin.top],
    ),
    ...{ right, bottom, height: pixels.height },
  };
}

const plotOf = ({ width, height }: Pixels, below: number): { right: number; bottom: number } => ({
  right: Math.max(width - margin.right, margin.left + 40),
  bottom: Math.max(height - below, margin.top + 40),
});

/** From the least to the most, with some air; never empty. */
function rangeOf(values: readonly number[], air: number): [number, number] {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const extra = Math.max(air * (most - least), least === most ? 1 : 0);
  return [least - extra, most + extra];
}

/** A bar of the histogram: sizes in [from, to] have a share of the batches. */
export interface Bar {
  readonly left: number;
  readonly width: number;
  readonly share: number;
}

/** Bars one by one while there is room for each, else joined so that none hides another. */
export function barsOf(points: readonly SizePoint[], { x, right }: SizesScales): Bar[] {
  const occurring = points.filter(({ share }) => share > 0);
  if (occurring.length === 0) return [];
  const at = occurring.map(({ size }) => x(size[0]));
  const gaps = at.slice(1).map((position, i) => position - at[i]);
  const gap = Math.min(16, ...gaps);
  if (gap >= 2)
    return occurring.map(({ share }, i) => ({ left: at[i] - 0.4 * gap, width: 0.8 * gap, share }));
  const width = 3;
  const sums = new Array<number>(Math.ceil((right - margin.left) / width) + 1).fill(0);
  occurring.forEach(({ share }, i) => (sums[Math.floor((at[i] - margin.left) / width)] += share));
  return sums.flatMap((share, i) =>
    share > 0 ? [{ left: margin.left + i * width, width: width - 1, share }] : [],
  );
}

/** How much of a row's colour is that of recomputing and offloading: none where everything is kept, all in the last. */
export const heatPercent = (rows: readonly SizeRow[], row: number): number =>
  rows[row].recomputed.length === 0 && !rows[row].offloaded ? 0 : Math.round((100 * (row + 1)) / rows.length);

/** Index of the point that is nearest, in pixels. */
export function nearestPoint(
  { points, dimensions }: SizesAnswer,
  { x, y }: SizesScales,
  atX: number,
  atY: number,
): number {
  let nearest = 0;
  let least = Infinity;
  points.forEach(({ size }, i) => {
    const across = x(size[0]) - atX;
    const along = dimensions.length > 1 ? y(size[1]) - atY : 0;
    const distance = across * across + along * along;
    if (distance >= least) return;
    least = distance;
    nearest = i;
  });
  return nearest;
}
