import type { Job } from '../../base/job';
import { directivesOf } from '../../plan/directives';
import type { LayerIndex } from '../../plan/layerIndex';
import type { Decision } from '../../plan/plan';
import { compileSchedule } from '../../simulator/compileSchedule';
import type { Directives } from '../../simulator/schedule';
import { simulate } from '../../simulator/simulate';
import type { MilpEngine } from '../../solvers/engine';
import type { StepGraph } from '../../step/stepGraph';
import { withPins } from '../context';
import type { BudgetPlan } from '../planAtBudget';
import type { PlanningProblem } from '../problem';
import { jointPlan, type JointLimits } from './joint/jointPlan';
import { placedDecisions } from './placedDecisions';

/** A plan with what is proven of all plans, recomputation on any device included. */
export interface BoundedPlan extends BudgetPlan {
  readonly boundMs: number;
}

/**
 * Placement, recomputation and offloading chosen together, as a plan file can say it: devices and offloads as decisions,
 * recomputations one by one. undefined where what the decisions mean does not fit.
 */
export async function planJointly(
  problem: PlanningProblem,
  limits: JointLimits,
  job: Job,
  engine?: MilpEngine,
): Promise<BoundedPlan | undefined> {
  const { step, layers, pins } = problem;
  const found = await jointPlan(step, layers, pins, limits, job, engine);
  if (!found.isFitting) return undefined;
  const { placement, offloads, recomputations, recomputationDevices } = found.directives;
  const placed = placement ? placedDecisions(step, layers, placement, pins) : [];
  const decisions = withPins(withOffloads(step, layers, placed, offloads), pins);
  const directives: Directives = {
    ...directivesOf(step, layers, decisions, 'schedule', recomputations),
    recomputationDevices,
  };
  const { stepTimeMs, perDevicePeakBytes } = simulate(step, compileSchedule(step, directives));
  if (perDevicePeakBytes.some((bytes, device) => bytes > limits.memoryBytes[device])) return undefined;
  return {
    planner: 'placement with recomputation',
    ...{ directives, decisions, peakBytes: perDevicePeakBytes[0], stepTimeMs },
    boundMs: Math.min(found.leastMs, stepTimeMs),
  };
}

/** Offloading as choices of operators. */
function withOffloads(
  step: StepGraph,
  { nodesByOperator }: LayerIndex,
  decisions: readonly Decision[],
  offloads: Int32Array,
): Decision[] {
  const producers = new Set(Array.from(offloads, (value) => step.producer[value]));
  const chosen = [...nodesByOperator].flatMap(([target, nodes]): Decision[] =>
    nodes.some((node) => producers.has(node)) ? [{ target, kind: 'operator', choice: 'offload' }] : [],
  );
  const byTarget = new Map(decisions.map((decision) => [`${decision.kind} ${decision.target}`, decision]));
  for (const decision of chosen) {
    const key = `operator ${decision.target}`;
    byTarget.set(key, { ...byTarget.get(key), ...decision });
  }
  return [...byTarget.values()];
}
