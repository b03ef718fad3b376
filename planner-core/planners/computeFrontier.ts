import type { Job } from '../base/job';
import { baselineNames, baselinePlan } from './baselines';
import { KnapsackBound } from './bounds/knapsackBound';
import { collectPlans } from './collectPlans';
import { PlanningContext, provenFloor } from './context';
import type { BaselinePoint, Frontier, FrontierPoint } from './frontier';
import { frontierPoint, type Candidate, type ParetoPlans } from './paretoPlans';
import type { PlanningProblem } from './problem';

/** Budgets the planners aim for between keeping everything and the floor. */
const levels = 32;
/** With several devices or offloading every plan is weighed by the full simulator: fewer budgets. */
const levelsBySimulation = 24;
/** Points kept for each strategy. */
const maxPoints = 120;

/**
 * The least time at every budget, for each strategy, and the well-known rules to compare with. One descent a strategy
 * serves all budgets. Overheads refer to keeping everything without any pins. A point's lower bound holds for any plan
 * at its peak; it is 0 with several devices or offloading, where it is not proven. Throws 'unknown-module' and
 * 'unknown-device' for pins that do not fit the model, 'cancelled' when the job is.
 */
export async function computeFrontier(problem: PlanningProblem, job: Job): Promise<Frontier> {
  const context = new PlanningContext(problem);
  const floor = provenFloor(context);
  const baselines = baselineNames.map((name) => ({ name, plan: baselinePlan(context, name)! }));
  const budgets = budgetLevels(context, baselines[0].plan.peakBytes, floor.bytes);
  const keepAllMs = new PlanningContext({ ...problem, pins: [] }).evaluate(new Int32Array(0)).stepTimeMs;
  const bound = context.isSingleDevice
    ? new KnapsackBound(problem.step, problem.layers.recomputable)
    : undefined;
  const pointOf = (plan: Candidate): FrontierPoint =>
    frontierPoint(context, plan, keepAllMs, bound?.leastAddedMs(plan.peakBytes) ?? 0);
  const pointsOf = (pool: ParetoPlans): FrontierPoint[] => pool.thinned(maxPoints).map(pointOf);

  const modules = await collectPlans(context, 'module-checkpoint', budgets, job);
  job.progress(0.3);
  const operators = await collectPlans(context, 'selective', budgets, job);
  job.progress(0.6);
  const schedules = await collectPlans(context, 'schedule', budgets, job, [modules, operators]);
  job.progress(1);
  return {
    strategies: {
      'module-checkpoint': pointsOf(modules),
      selective: pointsOf(operators),
      schedule: pointsOf(schedules),
    },
    baselines: baselines.map(({ name, plan }): BaselinePoint => ({
      ...pointOf({ ...plan, recomputations: plan.directives.recomputations }),
      name,
    })),
    floorBytes: floor.bytes,
    floorNode: floor.node >= 0 ? problem.step.nodeName[floor.node] : '',
  };
}

/** Evenly spaced from just under the highest peak down to the floor. */
function budgetLevels(context: PlanningContext, highestBytes: number, floorBytes: number): number[] {
  const count = context.isSingleDevice ? levels : levelsBySimulation;
  const span = highestBytes - floorBytes;
  return Array.from({ length: count }, (_, i) => Math.round(highestBytes - (span * (i + 1)) / count));
}
