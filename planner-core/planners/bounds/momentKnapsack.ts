import type { NodeId } from '../../step/stepGraph';
import type { Lifetimes } from './lifetimes';

/** The knapsack of one moment, relaxed: what must be paid there, and the price of its last byte. */
export interface MomentBound {
  readonly node: NodeId;
  readonly addedMs: number;
  readonly msPerByte: number;
}

/** The search for the best selection ends after so many steps; the relaxation of many items leaves little to gain. */
const maxSteps = 20_000;
const maxItems = 400;

/** What may be absent at a moment, by ascending time for each byte; bytes and times are those of all up to there. */
interface Fill {
  readonly ratio: Float64Array;
  readonly bytes: Float64Array;
  readonly ms: Float64Array;
}

/**
 * What one moment of the keep-everything step proves: so many bytes are over the budget there, each value that may be
 * absent frees its bytes and costs its producer's time, and the cheapest way is a knapsack.
 */
export class MomentKnapsack {
  /** Gaps by ascending time for each byte; a node with several results shares its time out by their bytes. */
  private readonly byRatio: Int32Array;
  private readonly ratio: Float64Array;
  /** By node: bytes there while it runs when everything is kept. */
  readonly keepAllBytes: Float64Array;
  /** Moments higher than their neighbours, the highest first. */
  private peaks: readonly NodeId[] | undefined;
  private readonly fills = new Map<NodeId, Fill>();

  constructor(private readonly lifetimes: Lifetimes) {
    const { step, gapCount, gapValue, gapStart, gapEnd, canReturn } = lifetimes;
    const { outputs, valueBytes, durationMs, producer } = step;
    this.ratio = Float64Array.from({ length: gapCount }, (_, gap) => {
      const node = producer[gapValue[gap]];
      let bytes = 0;
      for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++)
        if (canReturn[outputs.items[i]]) bytes += valueBytes[outputs.items[i]];
      return durationMs[node] / bytes;
    });
    const { ratio } = this;
    this.byRatio = Int32Array.from({ length: gapCount }, (_, gap) => gap).sort(
      (a, b) => ratio[a] - ratio[b] || a - b,
    );
    const change = new Float64Array(step.nodeCount + 1);
    for (let gap = 0; gap < gapCount; gap++) {
      change[gapStart[gap] + 1] += valueBytes[gapValue[gap]];
      change[gapEnd[gap]] -= valueBytes[gapValue[gap]];
    }
    this.keepAllBytes = lifetimes.certainBytes.slice();
    for (let node = 0, live = 0; node < step.nodeCount; node++) {
      live += change[node];
      this.keepAllBytes[node] += live;
    }
  }

  /** The highest moments over a budget of those higher than their neighbours, at most `count`, the highest first. */
  peaksOver(budgetBytes: number, count: number): NodeId[] {
    const live = this.keepAllBytes;
    this.peaks ??= peaksOf(live);
    const over = this.peaks.slice(0, count);
    return over.filter((node) => live[node] > budgetBytes);
  }

  /** The relaxed knapsack at a moment; undefined when the moment fits. */
  relaxed(moment: NodeId, budgetBytes: number): MomentBound | undefined {
    const missing = this.keepAllBytes[moment] - budgetBytes;
    if (missing <= 0) return undefined;
    let fill = this.fills.get(moment);
    if (!fill) this.fills.set(moment, (fill = this.fillOf(moment)));
    const { ratio, bytes, ms } = fill;
    const last = firstAtLeast(bytes, missing);
    if (last === bytes.length) return { node: moment, addedMs: Infinity, msPerByte: 0 };
    const before = last > 0 ? last - 1 : -1;
    const rest = missing - (before < 0 ? 0 : bytes[before]);
    return {
      node: moment,
      addedMs: (before < 0 ? 0 : ms[before]) + ratio[last] * rest,
      msPerByte: ratio[last],
    };
  }

  /** What covers a moment, the cheapest for each byte first: with it and all before, so many bytes for so much time. */
  private fillOf(moment: NodeId): Fill {
    const { gapStart, gapEnd, gapValue, step } = this.lifetimes;
    const gaps = this.byRatio.filter((gap) => gapStart[gap] < moment && gapEnd[gap] > moment);
    const bytes = new Float64Array(gaps.length);
    const ms = new Float64Array(gaps.length);
    let allBytes = 0;
    let allMs = 0;
    gaps.forEach((gap, at) => {
      const own = step.valueBytes[gapValue[gap]];
      bytes[at] = allBytes += own;
      ms[at] = allMs += this.ratio[gap] * own;
    });
    return { ratio: Float64Array.from(gaps, (gap) => this.ratio[gap]), bytes, ms };
  }

  /**
   * The knapsack at a moment with whole items: branch and bound, which falls back to what it has proven when that takes
   * too many steps. A node's results that may be absent are one item.
   */
  whole(moment: NodeId, budgetBytes: number): number {
    const { gapStart, gapEnd, gapValue, step } = this.lifetimes;
    const bytesOfNode = new Map<NodeId, number>();
    for (let gap = 0; gap < gapStart.length; gap++) {
      if (gapStart[gap] >= moment || gapEnd[gap] <= moment) continue;
      const node = step.producer[gapValue[gap]];
      bytesOfNode.set(node, (bytesOfNode.get(node) ?? 0) + step.valueBytes[gapValue[gap]]);
    }
    const items = [...bytesOfNode].map(([node, bytes]) => ({ ms: step.durationMs[node], bytes }));
    items.sort((a, b) => a.ms / a.bytes - b.ms / b.bytes || b.bytes - a.bytes);
    return leastCover(items, this.keepAllBytes[moment] - budgetBytes);
  }
}

function peaksOf(live: Float64Array): NodeId[] {
  const peaks: NodeId[] = [];
  for (let node = 0; node < live.length; node++) {
    const isRise = node === 0 || live[node] >= live[node - 1];
    const isFall = node === live.length - 1 || live[node] > live[node + 1];
    if (isRise && isFall) peaks.push(node);
  }
  return peaks.sort((a, b) => live[b] - live[a] || a - b);
}

/** Index of the first of ascending numbers that is no less than another one. */
function firstAtLeast(ascending: Float64Array, least: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] >= least) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The least sum of times of items whose bytes cover `missing`, or a lower bound of it. Items by ascending ratio. */
export function leastCover(
  items: readonly { readonly ms: number; readonly bytes: number }[],
  missing: number,
): number {
  if (missing <= 0) return 0;
  const relaxed = (from: number, left: number): number => {
    let ms = 0;
    for (let at = from; at < items.length && left > 0; at++) {
      ms += items[at].ms * Math.min(1, left / items[at].bytes);
      left -= items[at].bytes;
    }
    return left > 0 ? Infinity : ms;
  };
  if (items.length > maxItems) return relaxed(0, missing);
  let best = Infinity;
  let steps = 0;
  // Takes the item or leaves it; the relaxation of the rest cuts what cannot be better than the best so far.
  const search = (at: number, left: number, ms: number): void => {
    if (left <= 0) {
      best = Math.min(best, ms);
      return;
    }
    if (ms + relaxed(at, left) >= best || ++steps > maxSteps) return;
    search(at + 1, left - items[at].bytes, ms + items[at].ms);
    search(at + 1, left, ms);
  };
  search(0, missing, 0);
  return steps > maxSteps ? relaxed(0, missing) : best;
}
