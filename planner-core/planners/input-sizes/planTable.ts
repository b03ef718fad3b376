import type { Size } from '../../plan/sizePlan';
import { isWithin } from '../../plan/sizePlan';
import { addedMs, stepMsOf, sumOf, type SizedCandidate } from './sizedPlanning';
import type { SizedModel } from './sizedModel';

/** What every candidate costs at every size in question. */
export interface SizeCosts {
  readonly sizes: readonly Size[];
  readonly keepAllMs: Float64Array;
  /** `stepMs[candidate][size]`: Infinity where it does not fit. */
  readonly stepMs: readonly Float64Array[];
  /** By candidate: what it adds at the largest size (where it offloads: at the size it was made for), whether it fits or not. */
  readonly addedMs: readonly number[];
  /** Of the fastest candidate that fits; -1 where none does. */
  readonly best: Int32Array;
}

/** One plan of the table and the sizes it is used for, as indices. */
export interface TableRow {
  readonly candidate: number;
  readonly sizes: readonly number[];
}

/** Times of the candidates that fit a budget, at sizes whose step has the template's computations. */
export function costsOf(
  model: SizedModel,
  candidates: readonly SizedCandidate[],
  budgetBytes: number,
  sizes: readonly Size[],
): SizeCosts {
  const keepAllMs = new Float64Array(sizes.length);
  const stepMs = candidates.map(() => new Float64Array(sizes.length).fill(Infinity));
  const best = new Int32Array(sizes.length).fill(-1);
  sizes.forEach((size, s) => {
    const durationMs = model.durationsAt(size);
    keepAllMs[s] = sumOf(durationMs);
    candidates.forEach((candidate, c) => {
      // Where everything fits nothing has to leave.
      if (candidate.paged && stepMs[0][s] < Infinity) return;
      if (candidate.peaks.at(size) > budgetBytes) return;
      stepMs[c][s] = stepMsOf(candidate, size, durationMs);
      if (best[s] < 0 || stepMs[c][s] < stepMs[best[s]][s]) best[s] = c;
    });
  });
  const { durationMs } = model.template;
  const added = candidates.map((candidate) => {
    const { paged } = candidate;
    if (!paged) return addedMs(candidate, durationMs);
    return paged.at(paged.made).stepMs - sumOf(model.durationsAt(paged.made));
  });
  return { sizes, keepAllMs, stepMs, addedMs: added, best };
}

/**
 * The fewest plans such that every size has one that fits and is slower than the best candidate for it by at most
 * `mergePercent`, and takes no longer than `limitMs` has for it; where the first candidate, which keeps everything,
 * fits, it is used. One dimension: intervals, of all
 * divisions into as few the one with the least expected time. Several: greedy set cover by weight. Sizes that nothing
 * fits are in no row.
 */
export function planTable(
  costs: SizeCosts,
  weights: Float64Array,
  mergePercent: number,
  limitMs?: Float64Array,
): TableRow[] {
  const { sizes, stepMs, best } = costs;
  const isGood = (c: number, s: number): boolean =>
    best[s] >= 0 &&
    !(limitMs && stepMs[c][s] > limitMs[s]) &&
    (stepMs[0][s] === Infinity ? stepMs[c][s] <= stepMs[best[s]][s] * (1 + mergePercent / 100) : c === 0);
  return sizes[0].length === 1 ? intervals(stepMs, best, weights, isGood) : cover(costs, weights, isGood);
}

type IsGood = (candidate: number, size: number) => boolean;

/** The best division of the sizes before one. */
interface Division {
  readonly rows: number;
  readonly cost: number;
  /** Where its last interval starts, and the plan of that; -1 for a size that nothing fits. */
  readonly start: number;
  readonly candidate: number;
}

/** Dynamic programme over the ends of intervals. */
function intervals(
  stepMs: readonly Float64Array[],
  best: Int32Array,
  weights: Float64Array,
  isGood: IsGood,
): TableRow[] {
  const count = best.length;
  const divisions: (Division | undefined)[] = Array.from({ length: count + 1 }, () => undefined);
  divisions[0] = { rows: 0, cost: 0, start: -1, candidate: -1 };
  const offer = (end: number, division: Division): void => {
    const known = divisions[end];
    const isBetter =
      !known || division.rows < known.rows || (division.rows === known.rows && division.cost < known.cost);
    if (isBetter) divisions[end] = division;
  };
  for (let start = 0; start < count; start++) {
    const before = divisions[start]!;
    if (best[start] < 0) offer(start + 1, { ...before, start, candidate: -1 });
    stepMs.forEach((ms, candidate) => {
      let { cost } = before;
      for (let s = start; s < count && isGood(candidate, s); s++) {
        // Sizes that do not occur count a little: of equal plans the faster one is wanted there too.
        cost += ms[s] * (weights[s] + Number.EPSILON);
        offer(s + 1, { rows: before.rows + 1, cost, start, candidate });
      }
    });
  }
  const rows: TableRow[] = [];
  for (let end = count; end > 0;) {
    const { start, candidate } = divisions[end]!;
    if (candidate >= 0)
      rows.unshift({ candidate, sizes: Array.from({ length: end - start }, (_, i) => start + i) });
    end = start;
  }
  return rows;
}

function cover(
  { sizes, stepMs, addedMs, best }: SizeCosts,
  weights: Float64Array,
  isGood: IsGood,
): TableRow[] {
  const left = new Set(sizes.map((_, s) => s).filter((s) => best[s] >= 0));
  const chosen: number[] = [];
  while (left.size > 0) {
    let candidate = -1;
    let most = 0;
    stepMs.forEach((_, c) => {
      let gain = 0;
      for (const s of left) if (isGood(c, s)) gain += weights[s] + Number.EPSILON;
      if (gain <= most) return;
      most = gain;
      candidate = c;
    });
    chosen.push(candidate);
    for (const s of [...left]) if (isGood(candidate, s)) left.delete(s);
  }
  // Each size takes the fastest of the chosen plans.
  const taken = new Map(chosen.map((c): [number, number[]] => [c, []]));
  sizes.forEach((_, s) => {
    if (best[s] < 0) return;
    const fastest = chosen.reduce((a, b) => (stepMs[b][s] < stepMs[a][s] ? b : a));
    taken.get(fastest)!.push(s);
  });
  return [...taken]
    .filter(([, used]) => used.length > 0)
    .map(([candidate, used]) => ({ candidate, sizes: used }))
    .sort((a, b) => addedMs[a.candidate] - addedMs[b.candidate] || a.candidate - b.candidate);
}

/** The sizes that are within no other one. */
export function largestOf(sizes: readonly Size[]): Size[] {
  return sizes.filter((size) => !sizes.some((other) => other !== size && isWithin(size, other)));
}
