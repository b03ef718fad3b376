import type { Job } from '../../base/job';
import { isWithin, type Size } from '../../plan/sizePlan';
import { PlanningContext } from '../context';
import { offloadPlans, type OffloadPlan } from '../offload/offloadPlans';
import { PlanPools } from '../planPools';
import { pagedCandidate } from './pagedCandidate';
import type { PlannedSizes } from './planSizes';
import { costsOf, largestOf, planTable, type SizeCosts, type TableRow } from './planTable';
import type { SizedCandidate, SizedProblem } from './sizedPlanning';
import { sizeKey } from './sizeLattice';

/** Sizes for which plans that offload are sought. */
const mostPlanned = 8;
/** Of those that nothing fits that only recomputes. */
const unplannedPlanned = 3;

/**
 * The table with plans that send values away, too: at no size is its plan slower than the one of the table that only recomputes (`alone`),
 * and sizes that nothing else fits may have one. Throws 'cancelled' when the job is.
 */
export async function offloadSizes(
  problem: SizedProblem,
  alone: PlannedSizes,
  weights: Float64Array,
  mergePercent: number,
  job: Job,
): Promise<PlannedSizes> {
  const { model, budgetBytes } = problem;
  const { costs } = alone;
  const wanted = sizesToPlan(alone);
  const paged = new Map<string, SizedCandidate>();
  for (const [i, size] of wanted.entries()) {
    const plan = await fastest(problem, size, job);
    if (plan?.paging) {
      const candidate = pagedCandidate(problem, plan, size);
      paged.set(`${plan.recomputations.join()} ${plan.paging.offloads.join()} ${sizeKey(size)}`, candidate);
    }
    job.progress((i + 1) / wanted.length);
  }
  const limitMs = Float64Array.from(costs.sizes, () => Infinity);
  for (const { candidate, sizes } of alone.rows)
    for (const s of sizes) limitMs[s] = costs.stepMs[candidate][s];
  const offered = [...paged.values()];
  for (;;) {
    await job.checkpoint();
    const candidates = [...alone.candidates, ...offered];
    const both = costsOf(model, candidates, budgetBytes, costs.sizes);
    const rows = planTable(both, weights, mergePercent, limitMs);
    const wrong = misused(both, rows, limitMs, alone.candidates.length);
    if (wrong === undefined) return { candidates, costs: both, rows, alone: alone.rows };
    offered.splice(wrong - alone.candidates.length, 1);
  }
}

/** The largest sizes of the plans that recompute, and some of those that have none; by ascending peak of keeping everything. */
function sizesToPlan({ candidates: [keepAll], costs, rows }: PlannedSizes): Size[] {
  const byPeak = (sizes: readonly Size[]): Size[] =>
    [...sizes].sort((a, b) => keepAll.peaks.at(a) - keepAll.peaks.at(b));
  const ends = rows
    .filter(({ sizes }) => sizes.some((s) => costs.stepMs[0][s] === Infinity))
    .flatMap(({ sizes }) => largestOf(sizes.map((s) => costs.sizes[s])));
  const unplanned = byPeak(costs.sizes.filter((_, s) => costs.best[s] < 0));
  return [...spread(byPeak(ends), mostPlanned), ...spread(unplanned, unplannedPlanned)];
}

async function fastest(problem: SizedProblem, size: Size, job: Job): Promise<OffloadPlan | undefined> {
  const { model, layers, pins, strategy, budgetBytes, offload } = problem;
  await job.checkpoint();
  const pools = new PlanPools({ step: model.stepAt(size), layers, pins });
  const bases = (await pools.of(strategy, job)).all;
  const context = new PlanningContext({ ...pools.problem, offload });
  const plans = await offloadPlans(context, bases, budgetBytes, job, { strategy });
  return plans.reduce<OffloadPlan | undefined>(
    (best, plan) => (best && best.stepTimeMs <= plan.stepTimeMs ? best : plan),
    undefined,
  );
}

/**
 * In several dimensions a plan that comes earlier may be valid, too, for a size of a later one: one that offloads and is slower there than
 * it may be, or does not fit. Of the plans that offload the first such; undefined: there is none.
 */
function misused(
  { sizes, stepMs }: SizeCosts,
  rows: readonly TableRow[],
  limitMs: Float64Array,
  firstPaged: number,
): number | undefined {
  const corners = rows.map((row) => largestOf(row.sizes.map((s) => sizes[s])));
  for (const s of rows.flatMap((row) => row.sizes)) {
    const row = rows[corners.findIndex((of) => of.some((corner) => isWithin(sizes[s], corner)))];
    if (row.candidate >= firstPaged && !(stepMs[row.candidate][s] <= limitMs[s])) return row.candidate;
  }
  return undefined;
}

/** The first, the last and some between. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]);
}
