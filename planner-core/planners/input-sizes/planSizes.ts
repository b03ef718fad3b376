import type { Job } from '../../base/job';
import type { Size, WeightedSize } from '../../plan/sizePlan';
import {
  addedMs,
  candidateOf,
  collectCandidates,
  type SizedCandidate,
  type SizedProblem,
} from './sizedPlanning';
import { costsOf, planTable, type SizeCosts, type TableRow } from './planTable';
import { offloadSizes } from './offloadSizes';
import { replayMimose } from './replayMimose';
import { compareSizes, sizeAt, sizeKey, stepsTo, type SizeLattice } from './sizeLattice';

/** Sizes for which all plans there are are sought: of those that occur, and of all. */
const planningAsked = 5;
const planningDrawn = 3;
/** Sizes between those that occur, to draw curves through. */
const drawnSizes = 96;

/** Candidates, what they cost, and which of them make the table. */
export interface PlannedSizes {
  /** The first keeps everything. */
  readonly candidates: readonly SizedCandidate[];
  readonly costs: SizeCosts;
  readonly rows: readonly TableRow[];
  /** The table of plans that only recompute, where `rows` has others. */
  readonly alone?: readonly TableRow[];
}

/**
 * Plans for sizes under a budget. Only sizes at which the step has the template's computations. In one dimension the sizes of the answer
 * are more than those asked for: some between, and those at which a candidate stops to fit, so that ranges are exact.
 */
export async function planSizes(
  problem: SizedProblem,
  lattice: SizeLattice,
  wanted: readonly WeightedSize[],
  mergePercent: number,
  job: Job,
): Promise<PlannedSizes> {
  const { model, budgetBytes, strategy } = problem;
  const keepAll = candidateOf(model, 'keep all', new Int32Array(0));
  const isLine = lattice.origin.length === 1 && model.kind === 'polynomial';
  const asked = wanted.map(({ size }) => size);
  const drawn = isLine ? sizesBetween(lattice, asked, drawnSizes) : [];
  const byPeak = [...distinct([...asked, ...drawn])]
    .map((size) => ({ size, bytes: keepAll.peaks.at(size) }))
    .sort((a, b) => a.bytes - b.bytes || compareSizes(a.size, b.size));
  const over = byPeak.filter(({ bytes }) => bytes > budgetBytes).map(({ size }) => size);
  const planFor = over.length > 0 ? planningSizes(over, wanted) : [byPeak[byPeak.length - 1].size];
  const candidates = await collectCandidates(problem, planFor, job);
  if (strategy === 'module-checkpoint' && over.length > 0) {
    // What others' rules choose may be good where few plans were sought.
    const rule = replayMimose(problem, candidates[0], wanted, true).candidates;
    const known = new Set(candidates.map(({ recomputations }) => recomputations.join()));
    candidates.push(...rule.filter(({ recomputations }) => !known.has(recomputations.join())));
  }
  const ends = isLine
    ? candidates.flatMap((candidate) => lastFitting(candidate, lattice, asked, budgetBytes))
    : [];
  const sizes = [...distinct([...asked, ...drawn, ...ends])].sort(compareSizes);
  const weightOf = new Map(wanted.map(({ size, weight }) => [sizeKey(size), weight]));
  const weights = Float64Array.from(sizes, (size) => weightOf.get(sizeKey(size)) ?? 0);
  const costs = costsOf(model, candidates, budgetBytes, sizes);
  const planned = { candidates, costs, rows: planTable(costs, weights, mergePercent) };
  return problem.offload ? offloadSizes(problem, planned, weights, mergePercent, job) : planned;
}

function distinct(sizes: readonly Size[]): Iterable<Size> {
  return new Map(sizes.map((size) => [sizeKey(size), size])).values();
}

/** Some of the sizes that occur, as far apart in shares of the batches as can be, and some of all; in the order of `over`. */
function planningSizes(over: readonly Size[], wanted: readonly WeightedSize[]): Size[] {
  const weightOf = new Map(wanted.map(({ size, weight }) => [sizeKey(size), weight]));
  const asked = over.filter((size) => weightOf.has(sizeKey(size)));
  const total = asked.reduce((sum, size) => sum + weightOf.get(sizeKey(size))!, 0);
  const chosen = new Set([...spread(over, planningDrawn)].map(sizeKey));
  let sum = 0;
  let next = 0;
  for (const size of asked) {
    sum += weightOf.get(sizeKey(size))!;
    if (asked.length > planningAsked && sum < next * total) continue;
    chosen.add(sizeKey(size));
    next = sum / total + 1 / planningAsked;
  }
  return over.filter((size) => chosen.has(sizeKey(size)));
}

/** The first, the last and some between. */
function spread(sizes: readonly Size[], count: number): Size[] {
  const last = sizes.length - 1;
  const at = Array.from({ length: count }, (_, i) => Math.round((i * last) / (count - 1)));
  return [...new Set(at)].map((i) => sizes[i]);
}

function sizesBetween(lattice: SizeLattice, asked: readonly Size[], count: number): Size[] {
  const [first, last] = [asked[0], asked[asked.length - 1]].map((size) => stepsTo(lattice, size)![0]);
  const steps = Array.from({ length: count + 1 }, (_, i) => first + Math.round((i * (last - first)) / count));
  return [...new Set(steps)].map((k) => sizeAt(lattice, [k]));
}

/** Where a plan stops to fit: the last size that does, and the next one. Found by bisection, so only of plans whose peak never falls. */
function lastFitting(
  { peaks }: SizedCandidate,
  lattice: SizeLattice,
  asked: readonly Size[],
  budgetBytes: number,
): Size[] {
  if (!peaks.isMonotone) return [];
  const fits = (k: number): boolean => peaks.at(sizeAt(lattice, [k])) <= budgetBytes;
  let [low, high] = [asked[0], asked[asked.length - 1]].map((size) => stepsTo(lattice, size)![0]);
  if (!fits(low) || fits(high)) return [];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return [sizeAt(lattice, [low]), sizeAt(lattice, [high])];
}

/** The fastest candidate that fits a size, of those that only recompute; undefined where none does: what planning for a size not seen before takes. */
export function planNewSize(
  { model, budgetBytes }: SizedProblem,
  candidates: readonly SizedCandidate[],
  size: Size,
): SizedCandidate | undefined {
  const durationMs = model.durationsAt(size);
  const order = candidates
    .filter(({ paged }) => !paged)
    .map((candidate) => ({ candidate, ms: addedMs(candidate, durationMs) }))
    .sort((a, b) => a.ms - b.ms);
  return order.find(({ candidate }) => candidate.peaks.at(size) <= budgetBytes)?.candidate;
}
