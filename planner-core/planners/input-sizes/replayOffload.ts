import type { Job } from '../../base/job';
import type { Size } from '../../plan/sizePlan';
import { compileSchedule } from '../../simulator/compileSchedule';
import { keepEverything, type Directives } from '../../simulator/schedule';
import { simulate } from '../../simulator/simulate';
import { offloadPlans, type OffloadPlan } from '../offload/offloadPlans';
import { PlanPools } from '../planPools';
import type { OffloadLimits } from '../problem';
import type { MethodOutcome } from './compareMethods';
import { sumOf, type SizedCandidate, type SizedProblem } from './sizedPlanning';

/** A plan of the table with sizes it is used for; without a plan: sizes that none fits. */
export interface OffloadRange {
  readonly candidate?: SizedCandidate;
  /** By ascending peak of keeping everything. */
  readonly sizes: readonly Size[];
}

/** What offloading does on sizes. */
export interface OffloadReplay {
  /** By range, in the order of its sizes; undefined where nothing fits. */
  readonly outcomes: readonly (readonly (MethodOutcome | undefined)[])[];
  /** Different plans. */
  readonly planCount: number;
}

/**
 * One plan for each range that may offload besides recomputing: the fastest found for its largest size, simulated at each of its sizes.
 * Where the plan that only recomputes is faster, or the other one does not fit, that one is used. Throws 'cancelled' when the job is.
 */
export async function replayOffload(
  problem: SizedProblem,
  offload: OffloadLimits,
  ranges: readonly OffloadRange[],
  job: Job,
): Promise<OffloadReplay> {
  const used = new Set<object>();
  const outcomes: (MethodOutcome | undefined)[][] = [];
  for (const { candidate, sizes } of ranges) {
    const plan = await fastest(problem, offload, candidate, sizes[sizes.length - 1], job);
    const ofRange: (MethodOutcome | undefined)[] = [];
    for (const size of sizes) {
      await job.checkpoint();
      const alone = candidate && simulated(problem, size, directivesOf(candidate.recomputations));
      const both = plan && simulated(problem, size, directivesOf(plan.recomputations, plan.paging));
      const fits = both && both.peakBytes <= problem.budgetBytes && both.hostPeakBytes <= offload.memoryBytes;
      const better = fits && !(alone && alone.stepMs <= both.stepMs) ? both : alone;
      if (better) used.add(better === both ? plan! : candidate!);
      ofRange.push(better);
    }
    outcomes.push(ofRange);
  }
  return { outcomes, planCount: used.size };
}

async function fastest(
  { model, layers, pins, strategy, budgetBytes }: SizedProblem,
  offload: OffloadLimits,
  candidate: SizedCandidate | undefined,
  size: Size,
  job: Job,
): Promise<OffloadPlan | undefined> {
  // What fits whole has nothing to send away.
  if (candidate?.repeats.length === 0) return undefined;
  const pools = new PlanPools({ step: model.stepAt(size), layers, pins, offload });
  const bases = (await pools.of(strategy, job)).all;
  const plans = await offloadPlans(pools.context, bases, budgetBytes, job);
  return plans.reduce<OffloadPlan | undefined>(
    (best, plan) => (best && best.stepTimeMs <= plan.stepTimeMs ? best : plan),
    undefined,
  );
}

const directivesOf = (recomputations: Int32Array, paging?: OffloadPlan['paging']): Directives => ({
  ...keepEverything,
  ...paging,
  recomputations,
});

function simulated(
  { model }: SizedProblem,
  size: Size,
  directives: Directives,
): MethodOutcome & { readonly hostPeakBytes: number } {
  const step = model.stepAt(size);
  const { peakBytes, stepTimeMs, hostPeakBytes } = simulate(step, compileSchedule(step, directives));
  return { peakBytes, stepMs: stepTimeMs, keepAllMs: sumOf(step.durationMs), hostPeakBytes };
}
