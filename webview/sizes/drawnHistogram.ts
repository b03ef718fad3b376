import { HeadroomError } from '../../planner-core/base/errors';
import { readSizes } from '../../planner-core/planners/input-sizes/readSizes';

/** A bar that is drawn: a size, and how common it is beside the others. */
export interface DrawnBar {
  readonly size: number;
  readonly weight: number;
}

/** Bars of sizes of one dimension. */
export interface DrawnHistogram {
  readonly dimension: string;
  /** Ascending; none twice. */
  readonly bars: readonly DrawnBar[];
  /** Of the bars there were, several are one now: drawing puts these in their place. */
  readonly isJoined: boolean;
}

/** More bars than this cannot be told apart, or drawn by hand. */
const mostBars = 20;
/** Offered where nobody has written any size. */
const offeredBars = 8;
/** What a longer text says is not read again with every key. */
const mostCharacters = 1_000_000;
/** Where a bar is drawn of a histogram that has none yet. */
const defaultTop = 100;
/** A bar can be drawn higher than the highest by this factor. */
const headroom = 1.25;

/** Empty bars up to the size that a dimension has. */
export function emptyHistogram(dimension: string, largest: number): DrawnHistogram {
  const count = Math.min(offeredBars, largest);
  const bars = Array.from({ length: count }, (_, i) => ({
    size: Math.round(((i + 1) * largest) / count),
    weight: 0,
  }));
  return { dimension, bars, isJoined: false };
}

/**
 * The bars of a text of sizes: those it has, or joined ones where they are many, each under its largest size. Undefined for what cannot be
 * drawn: no sizes, sizes of several dimensions, tables that say more than sizes.
 */
export function histogramOf(
  text: string,
  names: readonly string[],
  dimensions: readonly string[] | undefined,
): DrawnHistogram | undefined {
  if (text.length > mostCharacters) return undefined;
  try {
    const read = readSizes(text, { names }, dimensions);
    const [dimension, ...more] = read.dimensions;
    const isTable = /^[^\n]*[A-Za-z_]\w*\s*[,;\t]/.test(text.trimStart());
    if (more.length > 0 || isTable) return undefined;
    const bars = read.sizes.map(({ size, weight }) => ({ size: size[0], weight }));
    return { dimension, bars: joined(bars), isJoined: bars.length > mostBars };
  } catch (error) {
    // What is wrong with the text is said when it is asked about.
    if (error instanceof HeadroomError) return undefined;
    throw error;
  }
}

function joined(bars: readonly DrawnBar[]): DrawnBar[] {
  if (bars.length <= mostBars) return [...bars];
  const least = bars[0].size;
  const width = (bars[bars.length - 1].size - least) / mostBars;
  const parts = Array.from({ length: mostBars }, (_, i) =>
    bars.filter(({ size }) => Math.min(mostBars - 1, Math.floor((size - least) / width)) === i),
  );
  return parts
    .filter((part) => part.length > 0)
    .map((part) => ({
      size: part[part.length - 1].size,
      weight: part.reduce((sum, { weight }) => sum + weight, 0),
    }));
}

/** What the full height of a histogram stands for. */
export function topOf({ bars }: DrawnHistogram): number {
  const most = Math.max(...bars.map(({ weight }) => weight));
  return most > 0 ? headroom * most : defaultTop;
}

/** With another weight: to two digits, whole where the others are. */
export function withWeight(histogram: DrawnHistogram, bar: number, weight: number): DrawnHistogram {
  const isWhole = histogram.bars.every((each) => Number.isInteger(each.weight)) && topOf(histogram) >= 10;
  const taken = Math.max(0, isWhole ? Math.round(weight) : Number(weight.toPrecision(2)));
  const bars = histogram.bars.map((each, i) => (i === bar ? { ...each, weight: taken } : each));
  return { ...histogram, bars };
}

/** The text that says the same; sizes that no batch has are left out. */
export const histogramText = ({ bars }: DrawnHistogram): string =>
  bars
    .filter(({ weight }) => weight > 0)
    .map(({ size, weight }) => `${size}:${weight}`)
    .join(' ');
