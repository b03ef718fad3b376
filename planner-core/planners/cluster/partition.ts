import type { Stage, StageCosts } from './stageCosts';

/** Stages of a pipeline and what one batch of micro-batches takes to pass through. */
export interface Partition {
  readonly stages: readonly Stage[];
  readonly pipelineMs: number;
}

/** A way to cut the layers from some stage on: no other has both a smaller maximum and a smaller sum. */
interface Tail {
  readonly maxMs: number;
  readonly sumMs: number;
  readonly stage: Stage;
  readonly rest: Tail | undefined;
}

/**
 * Time of 1F1B: all micro-batches but one at the pace of the slowest stage, one through all stages. For equal stages
 * that is (M - 1 + P) times their load to the point (Narayanan et al., SC 2021); unequal ones take no longer where
 * backward takes the same multiple of forward in all of them.
 */
export const pipelineMs = (maxMs: number, sumMs: number, microBatches: number): number =>
  (microBatches - 1) * maxMs + sumMs;

/**
 * The contiguous cut into stages with the least pipeline time whose every stage fits: exact, over (maximum, sum) pairs
 * that none undercuts, for recomputation makes the sum differ between cuts. Undefined when nothing fits. Like layers
 * come out in near-equal shares, less what the first and the last layer take.
 */
export function bestPartition(
  costs: StageCosts,
  layerCount: number,
  stages: number,
  microBatches: number,
  memoryBytes: number,
): Partition | undefined {
  // tails[from]: for the stages from the current one on, of the layers from `from` on.
  let tails: (readonly Tail[])[] = Array.from({ length: layerCount + 1 }, () => []);
  for (let stage = stages - 1; stage >= 0; stage--) {
    const next = tails;
    const isLast = stage === stages - 1;
    tails = Array.from({ length: layerCount + 1 }, (_, from) => {
      // Enough layers for the stages before and behind, the first stage at the first layer.
      if (from < stage || (stage === 0 && from > 0) || layerCount - from < stages - stage) return [];
      const found: Tail[] = [];
      const lastEnd = layerCount - (stages - 1 - stage);
      for (let to = isLast ? layerCount : from + 1; to <= lastEnd; to++) {
        const rests = isLast ? [undefined] : next[to];
        if (rests.length === 0) continue;
        const fitting = costs.fittest(stage, from, to, memoryBytes);
        if (!fitting) continue;
        for (const rest of rests)
          found.push({
            maxMs: Math.max(fitting.loadMs, rest?.maxMs ?? 0),
            sumMs: fitting.loadMs + (rest?.sumMs ?? 0),
            stage: fitting,
            rest,
          });
      }
      return undominated(found);
    });
  }
  let best: Tail | undefined;
  const timeOf = ({ maxMs, sumMs }: Tail): number => pipelineMs(maxMs, sumMs, microBatches);
  for (const tail of tails[0]) if (!best || timeOf(tail) < timeOf(best)) best = tail;
  if (!best) return undefined;
  const list: Stage[] = [];
  for (let tail: Tail | undefined = best; tail; tail = tail.rest) list.push(tail.stage);
  return { stages: list, pipelineMs: timeOf(best) };
}

function undominated(tails: Tail[]): Tail[] {
  tails.sort((a, b) => a.maxMs - b.maxMs || a.sumMs - b.sumMs);
  let least = Infinity;
  return tails.filter(({ sumMs }) => {
    if (sumMs >= least * (1 - 1e-12)) return false;
    least = sumMs;
    return true;
  });
}
