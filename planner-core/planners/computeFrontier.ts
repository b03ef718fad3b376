import type { Job } from '../base/job';
import type { Strategy } from '../plan/plan';
import { baselineNames, baselinePlan } from './baselines';
import { KnapsackBound } from './bounds/knapsackBound';
import { memoryFloor, type MemoryFloor } from './bounds/memoryFloor';
import { PlanningContext } from './context';
import type { BaselinePoint, Frontier, FrontierPoint } from './frontier';
import { frontierPoint, ParetoPlans, type Candidate } from './paretoPlans';
import type { PlanningProblem } from './problem';
import { collectSelectionPlans } from './selectionGreedy';

/** Budgets the planners aim for between keeping everything and the floor. */
const levels = 96;
/** Points kept for each strategy. */
const maxPoints = 120;

/**
 * The least time at every budget, for each strategy, and the well-known rules to compare with. One descent a strategy
 * serves all budgets. A point's lower bound holds for any plan at its peak; it is 0 with several devices or offloading,
 * where it is not proven. Throws 'cancelled' when the job is.
 */
export async function computeFrontier(problem: PlanningProblem, job: Job): Promise<Frontier> {
  const context = new PlanningContext(problem);
  const baselines = baselineNames.map((name) => ({ name, plan: baselinePlan(context, name)! }));
  const keepAllMs = baselines[0].plan.stepTimeMs;
  const highest = baselines[0].plan.peakBytes;
  const floor = provenFloor(context);
  const budgets = Array.from(
    { length: levels },
    (_, i) => highest - ((highest - floor.bytes) * (i + 1)) / levels,
  );
  const bound = context.isSingleDevice
    ? new KnapsackBound(problem.step, problem.layers.recomputable)
    : undefined;
  const pointOf = (plan: Candidate): FrontierPoint =>
    frontierPoint(context, plan, keepAllMs, bound?.leastAddedMs(plan.peakBytes) ?? 0);

  const pools = {} as Record<Strategy, ParetoPlans>;
  pools['module-checkpoint'] = await collectSelectionPlans(context, 'module-checkpoint', budgets, job);
  job.progress(0.3);
  pools.selective = await collectSelectionPlans(context, 'selective', budgets, job);
  job.progress(0.6);
  pools.schedule = new ParetoPlans();
  for (const plan of [...pools['module-checkpoint'].all, ...pools.selective.all]) pools.schedule.add(plan);
  job.progress(1);
  const points = (strategy: Strategy): FrontierPoint[] => pools[strategy].thinned(maxPoints).map(pointOf);
  return {
    strategies: {
      'module-checkpoint': points('module-checkpoint'),
      selective: points('selective'),
      schedule: points('schedule'),
    },
    baselines: baselines.map(({ name, plan }): BaselinePoint => ({
      ...pointOf({ ...plan, recomputations: plan.directives.recomputations }),
      name,
    })),
    floorBytes: floor.bytes,
    floorNode: floor.node >= 0 ? problem.step.nodeName[floor.node] : '',
  };
}

/** The proven least peak under the pinned placement and offloads, whatever the strategy. */
export function provenFloor(context: PlanningContext): MemoryFloor {
  const { step, layers } = context.problem;
  return memoryFloor(step, layers.recomputable, context.directives(new Int32Array(0)));
}
