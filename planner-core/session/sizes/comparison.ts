import type { Job } from '../../base/job';
import { outcomeOf, summarise, type MethodOutcome } from '../../planners/input-sizes/compareMethods';
import { planNewSize, type PlannedSizes } from '../../planners/input-sizes/planSizes';
import { replayDtr } from '../../planners/input-sizes/replayDtr';
import { replayMimose } from '../../planners/input-sizes/replayMimose';
import type { SizeDistribution } from '../../planners/input-sizes/sizeDistribution';
import type { SizedCandidate, SizedProblem } from '../../planners/input-sizes/sizedPlanning';
import { sizeKey } from '../../planners/input-sizes/sizeLattice';
import type { SizeMethod } from './sizesModel';

/** Milliseconds of some clock. */
export type Clock = () => number;

/** Sizes at which planning is timed. */
const timedSizes = 24;

interface Compared {
  readonly problem: SizedProblem;
  readonly planned: PlannedSizes;
  /** Sizes at which the step has the template's computations. */
  readonly distribution: SizeDistribution;
  /** Beside the table and the best plans: replay other methods too. */
  readonly compare: boolean;
}

/** How the table and other ways of planning do on the same sizes; the table first. Throws 'cancelled' when the job is. */
export async function compareWith(
  { problem, planned, distribution, compare }: Compared,
  job: Job,
  clock?: Clock,
): Promise<SizeMethod[]> {
  const { model, budgetBytes } = problem;
  const { candidates, costs, rows, alone } = planned;
  const { sizes } = distribution;
  const weights = sizes.map(({ weight }) => weight);
  const at = new Map(costs.sizes.map((size, s) => [sizeKey(size), s]));
  const indices = sizes.map(({ size }) => at.get(sizeKey(size))!);
  const rowOf = new Map(rows.flatMap((row, r) => row.sizes.map((s) => [s, r] as const)));
  const batches = batchesOf(distribution);
  const hitRate = (distinct: number): Pick<SizeMethod, 'hitRate'> =>
    batches === undefined ? {} : { hitRate: Math.max(0, batches - distinct) / batches };
  const chosen = (pick: (s: number) => number | undefined): (MethodOutcome | undefined)[] =>
    indices.map((s, i) => {
      const candidate = pick(s);
      return candidate === undefined || candidate < 0
        ? undefined
        : outcomeOf(model, candidates[candidate], sizes[i].size);
    });
  const method = (
    about: Pick<SizeMethod, 'id' | 'name' | 'description' | 'planCount'>,
    outcomes: readonly (MethodOutcome | undefined)[],
    more: Partial<SizeMethod> = {},
  ): SizeMethod => ({ ...about, ...summarise(outcomes, weights, budgetBytes), ...more });
  const rowAt = (s: number): number | undefined => rowOf.get(s);
  const usedRows = new Set(indices.map(rowAt).filter((row) => row !== undefined));
  const bestAt = (s: number): number => costs.best[s];
  const timed = sizes.slice(0, timedSizes).map(({ size }) => size);
  const keepAllBytes = costs.sizes.map((size) => candidates[0].peaks.at(size));
  /** Of the sizes that have a plan, the one that takes most. */
  const heaviest = costs.best.reduce(
    (top, found, s) => (found >= 0 && (top < 0 || keepAllBytes[s] > keepAllBytes[top]) ? s : top),
    -1,
  );
  /** One candidate for all sizes that have a plan. */
  const usedForAll = (candidate: number): SizeMethod =>
    method(
      {
        id: 'static',
        name: 'One plan for the largest size',
        description: alone
          ? 'What Sublinear does: the best plan for the size that takes most, with or without offloading, used for all.'
          : 'What Sublinear does: the best plan for the size that takes most, used for all.',
        planCount: 1,
      },
      chosen((s) => (bestAt(s) < 0 ? undefined : candidate)),
      hitRate(1),
    );
  // What wins at the largest size by offloading may lose over all of them.
  const recomputing = alone ? fastestAt(planned, heaviest, isOfRecomputing) : undefined;
  const largest = [bestAt(heaviest), ...(recomputing === undefined ? [] : [recomputing])]
    .map(usedForAll)
    .reduce((a, b) => (isBetter(b, a) ? b : a));
  const methods: SizeMethod[] = [
    method(
      {
        id: 'table',
        name: 'This table',
        description: 'Few plans, each for a range of sizes.',
        planCount: usedRows.size,
      },
      chosen((s) => (rowAt(s) === undefined ? undefined : rows[rowAt(s)!].candidate)),
      {
        ...hitRate(usedRows.size),
        // Plans that offload are not sought for every size: each is simulated, which takes longer than choosing.
        ...(alone ? {} : timing(clock, timed, (size) => planNewSize(problem, candidates, size))),
      },
    ),
    method(
      {
        id: 'best',
        name: 'Best for each size',
        description: 'The fastest plan known for every single size, one by one.',
        planCount: new Set(indices.map(bestAt)).size,
      },
      chosen(bestAt),
      hitRate(sizes.length),
    ),
    largest,
    method(
      { id: 'none', name: 'No plan', description: 'Everything is kept.', planCount: 1 },
      chosen(() => 0),
    ),
  ];
  if (alone) {
    const aloneOf = new Map(
      alone.flatMap(({ candidate, sizes: of }) => of.map((s) => [s, candidate] as const)),
    );
    methods.splice(
      1,
      0,
      method(
        {
          id: 'table-recompute',
          name: 'Recomputing alone',
          description: 'The table there would be if nothing could leave the device.',
          planCount: new Set(indices.map((s) => aloneOf.get(s)).filter((c) => c !== undefined)).size,
        },
        chosen((s) => aloneOf.get(s)),
        hitRate(alone.length),
      ),
    );
  }
  if (!compare) return methods;
  for (const largestFirst of [false, true]) {
    await job.checkpoint();
    const started = clock?.();
    const replay = replayMimose(problem, candidates[0], sizes, largestFirst);
    const elapsed =
      started === undefined ? {} : { planningMs: (clock!() - started) / (sizes.length * replay.rounds) };
    const order = largestFirst ? 'largest block first' : 'smallest block first, as published';
    methods.push(
      method(
        {
          id: largestFirst ? 'mimose-largest-first' : 'mimose',
          name: largestFirst ? 'Mimose, largest first' : 'Mimose',
          description: `Bucketed greedy over blocks for the size rounded up, ${order}; exact bytes, no peak simulated, and the least buffer that keeps every batch within the budget.`,
          planCount: replay.candidates.length,
        },
        replay.outcomes,
        { ...hitRate(replay.planned), ...elapsed, bufferBytes: replay.bufferBytes },
      ),
    );
  }
  const byPeak = [...sizes].sort((a, b) => candidates[0].peaks.at(a.size) - candidates[0].peaks.at(b.size));
  const over = byPeak.filter(({ size }) => candidates[0].peaks.at(size) > budgetBytes);
  const started = clock?.();
  const dtr = await replayDtr(problem, over, job);
  const elapsed =
    started === undefined || over.length === 0
      ? {}
      : { planningMs: (clock!() - started) / Math.min(over.length, dtr.runs) };
  const outcomeAt = new Map(over.map(({ size }, i) => [sizeKey(size), dtr.outcomes[i]]));
  methods.push(
    method(
      {
        id: 'dtr',
        name: 'DTR, tensor by tensor',
        description: `Dynamic tensor rematerialisation, simulated at ${dtr.runs} of the sizes that do not fit; it decides anew in every step, tensor by tensor, which is finer than checkpoints of modules.`,
        planCount: 0,
      },
      sizes.map(({ size }) =>
        outcomeAt.has(sizeKey(size)) ? outcomeAt.get(sizeKey(size)) : outcomeOf(model, candidates[0], size),
      ),
      elapsed,
    ),
  );
  return methods;
}

const isOfRecomputing = ({ paged }: SizedCandidate): boolean => !paged;

/** Of some candidates the fastest that fits at a size, by its index; undefined: none does. */
function fastestAt(
  { candidates, costs }: PlannedSizes,
  size: number,
  isAsked: (candidate: SizedCandidate) => boolean,
): number | undefined {
  let best: number | undefined;
  candidates.forEach((candidate, i) => {
    const ms = costs.stepMs[i][size];
    if (isAsked(candidate) && ms < (best === undefined ? Infinity : costs.stepMs[best][size])) best = i;
  });
  return best;
}

/** Fewer batches over the budget, then less time. */
const isBetter = (a: SizeMethod, b: SizeMethod): boolean =>
  a.overBudgetShare < b.overBudgetShare ||
  (a.overBudgetShare === b.overBudgetShare && a.expectedMs < b.expectedMs);

/** Batches there were, where that is known. */
function batchesOf({ sizes, trace }: SizeDistribution): number | undefined {
  if (trace) return trace.length;
  const total = sizes.reduce((sum, { weight }) => sum + weight, 0);
  return sizes.every(({ weight }) => Number.isInteger(weight)) && total > sizes.length ? total : undefined;
}

function timing(
  clock: Clock | undefined,
  sizes: readonly (readonly number[])[],
  plan: (size: readonly number[]) => unknown,
): Pick<SizeMethod, 'planningMs'> {
  if (!clock || sizes.length === 0) return {};
  const started = clock();
  for (const size of sizes) plan(size);
  return { planningMs: (clock() - started) / sizes.length };
}
