import type { Job } from '../../../base/job';
import type { LayerIndex } from '../../../plan/layerIndex';
import type { Decision } from '../../../plan/plan';
import type { Directives } from '../../../simulator/schedule';
import type { MilpEngine } from '../../../solvers/engine';
import type { StepGraph } from '../../../step/stepGraph';
import { planAtBudget } from '../../planAtBudget';
import { annealPlan, isBetter } from './annealPlan';
import { cutPlans } from './cutPlans';
import { leastStepTime } from './stepBound';
import { StepPlans, type StepPlan, type WeighedPlan } from './stepPlans';

/** A plan that says where each layer runs, what runs again, and what waits in host memory. */
export interface JointPlan {
  readonly directives: Directives;
  readonly stepTimeMs: number;
  readonly perDevicePeakBytes: Float64Array;
  /** Does every device keep to its limit? */
  readonly isFitting: boolean;
  /** Proven: no plan within the limits takes less. */
  readonly leastMs: number;
  /** What to compare it with. */
  readonly baselines: readonly JointBaseline[];
}

/** Everything on one device, or another plain rule. */
export interface JointBaseline {
  readonly name: string;
  readonly stepTimeMs: number;
  readonly perDevicePeakBytes: Float64Array;
  readonly isFitting: boolean;
}

export interface JointLimits {
  /** By device; Infinity where there is no limit. */
  readonly memoryBytes: Float64Array;
  /** Plans each search weighs; by default fewer for large steps. */
  readonly trials?: number;
  /** Ends the searches early. */
  readonly isOver?: () => boolean;
}

/**
 * Places a step's layers and chooses what runs again or waits in host memory, together, so that each device keeps to its memory (XEngine's
 * question, with the simulator's answer: devices and transfers overlap). Never slower than the plans for a single
 * device it starts from: the first one with recomputation, each one with everything kept. With an engine the bound knows
 * of memory. Throws as `planAtBudget` does.
 */
export async function jointPlan(
  step: StepGraph,
  layers: LayerIndex,
  pins: readonly Decision[],
  limits: JointLimits,
  job: Job,
  engine?: MilpEngine,
): Promise<JointPlan> {
  const problem = { step, layers, pins };
  const plans = new StepPlans(problem, limits.memoryBytes);
  const baselines: JointBaseline[] = [];
  const starts: WeighedPlan[] = [];
  const start = (name: string, plan: StepPlan): void => {
    const weighed = plans.weigh(plan);
    starts.push(weighed);
    baselines.push({ name, ...numbersOf(weighed) });
  };
  step.devices.forEach((name, device) => start(`everything on ${name}`, plans.onDevice(device)));
  if (starts[0].peakBytes[0] > limits.memoryBytes[0]) {
    for (const strategy of ['module-checkpoint', 'schedule'] as const) {
      const { directives } = await planAtBudget(problem, limits.memoryBytes[0], strategy, undefined, job);
      start(
        `${step.devices[0]} with recomputation (${strategy})`,
        plans.onDevice(0, directives.recomputations),
      );
    }
  }
  const everyGroup = new Set(plans.offloadable.keys());
  const first = plans.onDevice(0);
  const away = plans.withOffloads(first.offloads, everyGroup, true);
  if (away.length > 0)
    start(`${step.devices[0]} with everything offloaded to host memory`, { ...first, offloads: away });
  for (const plan of [...contiguousPlans(plans), ...(await cutPlans(plans, problem, job))])
    starts.push(plans.weigh(plan));

  const trials = limits.trials ?? Math.min(4000, Math.max(300, Math.floor(1_000_000 / step.nodeCount)));
  const ranked = starts.sort((a, b) => a.excessBytes - b.excessBytes || a.timeMs - b.timeMs);
  let best = ranked[0];
  // The best for one device and the best over several lead to different plans: both are improved.
  const isSpread = ({ devices }: StepPlan): boolean => devices.some((device) => device !== devices[0]);
  const seeds = new Set([...ranked.slice(0, 2), ...ranked.filter(isSpread).slice(0, 1)]);
  const rounds = [...seeds, ...seeds];
  for (const [i, seedPlan] of rounds.entries()) {
    const found = await annealPlan(plans, seedPlan, { trials, seed: 17 + i, isOver: limits.isOver }, job);
    if (isBetter(found, best)) best = found;
  }
  const leastMs = await leastStepTime(plans, engine, job);
  return { directives: plans.directives(best), ...numbersOf(best), leastMs, baselines };
}

function numbersOf({ timeMs, peakBytes, excessBytes }: WeighedPlan): Omit<JointBaseline, 'name'> {
  return { stepTimeMs: timeMs, perDevicePeakBytes: peakBytes, isFitting: excessBytes === 0 };
}

/** The forward pass cut once: the first part on one device, the rest on another. */
function contiguousPlans(plans: StepPlans): StepPlan[] {
  const { step, groupCount } = plans;
  const found: StepPlan[] = [];
  const cuts = 16;
  for (let from = 0; from < step.devices.length; from++) {
    for (let to = 0; to < step.devices.length; to++) {
      if (from === to) continue;
      for (let cut = 1; cut < cuts; cut++) {
        const { devices, ...rest } = plans.onDevice(to);
        for (let group = 0; group < Math.floor((groupCount * cut) / cuts); group++)
          if (plans.pinnedDevice[group] < 0) devices[group] = from;
        found.push({ devices, ...rest });
      }
    }
  }
  return found;
}
