import { HeadroomError } from '../base/errors';
import { directivesOf } from '../plan/directives';
import { planFormat, type Plan, type PlannedRecomputation, type Prediction } from '../plan/plan';
import type { PlanInputs } from '../plan/planInputs';
import { pagingOfPlan, plannedOffloads } from '../plan/plannedOffloads';
import { compileSchedule } from '../simulator/compileSchedule';
import { bytesOfMarked, keptValues } from '../simulator/keptValues';
import type { Directives } from '../simulator/schedule';
import { simulate } from '../simulator/simulate';
import type { NodeId, StepGraph } from '../step/stepGraph';
import type { BudgetPlan } from '../planners/planAtBudget';
import { offloadPrediction } from './offload/offloadPrediction';
import { peakMoment } from './profile';
import { namedReplicas, replicasOfPlan } from './replicas';
import { throughputPrediction } from './throughput';
import type { StepState } from './stepState';

/** The plan file for what a planner answered; every prediction comes from the simulator. */
export function makePlan(
  model: Plan['model'],
  state: StepState,
  inputs: PlanInputs,
  budgetBytes: number,
  answer: Pick<BudgetPlan, 'planner' | 'decisions' | 'directives'>,
  lowerBoundPercent: number,
): Plan {
  const { step } = state.built;
  return {
    format: planFormat,
    model,
    workload: inputs.workload,
    devices: inputs.devices,
    links: inputs.links,
    objective: inputs.objective,
    offload: inputs.offload,
    minimise: inputs.minimise,
    carbonGramsPerKWh: inputs.carbonGramsPerKWh,
    calibration: inputs.calibration,
    budgetBytes,
    strategy: inputs.strategy,
    planner: answer.planner,
    decisions: answer.decisions,
    recomputations: inputs.strategy === 'schedule' ? namedRecomputations(step, answer.directives) : undefined,
    offloads: plannedOffloads(step, answer.directives),
    lateTransfers: answer.directives.lateTransfers,
    replicas: namedReplicas(step, answer.directives),
    prediction: predict(state, answer.directives, lowerBoundPercent, inputs),
    assumptions: state.view.assumptions,
    sizes: inputs.sizes,
  };
}

/** What the simulator says of a step under directives; with `inputs` of what they ask for, too. */
export function predict(
  state: StepState,
  directives: Directives,
  lowerBoundPercent: number,
  inputs?: PlanInputs,
): Prediction {
  const { graph, built, view } = state;
  const { step } = built;
  const schedule = compileSchedule(step, directives);
  const simulation = simulate(step, schedule);
  const peak = peakMoment(graph, step, schedule, simulation);
  return {
    peakBytes: simulation.peakBytes,
    peakPhase: peak.phase,
    peakNode: peak.node,
    peakModule: peak.module,
    stepTimeMs: simulation.stepTimeMs,
    keepAllPeakBytes: view.keepAllPeakBytes,
    keepAllStepTimeMs: view.keepAllStepTimeMs,
    overheadPercent: overheadPercent(simulation.stepTimeMs, view.keepAllStepTimeMs),
    lowerBoundPercent,
    savedBytes: bytesOfMarked(step, keptValues(step, directives)),
    perDevicePeakBytes: Object.fromEntries(
      step.devices.map((id, device) => [id, simulation.perDevicePeakBytes[device]]),
    ),
    ...(inputs && offloadPrediction(step, inputs, simulation)),
    throughput: inputs && throughputPrediction(state, inputs, directives),
  };
}

/** How much longer than keeping everything, in percent; 0 for a step without work. */
export function overheadPercent(stepTimeMs: number, keepAllStepTimeMs: number): number {
  return keepAllStepTimeMs > 0 ? 100 * (stepTimeMs / keepAllStepTimeMs - 1) : 0;
}

/** The directives a plan file means. Throws 'bad-plan' for a node or a device the model and the plan do not have. */
export function directivesOfPlan(plan: Plan, state: StepState): Directives {
  const { step } = state.built;
  const { recomputations: named, lateTransfers } = plan;
  const pairs = named && pairsOf(step, named);
  const directives = directivesOf(step, state.layers, plan.decisions, plan.strategy, pairs);
  const replicas = replicasOfPlan(step, plan, directives);
  return {
    ...directives,
    ...(replicas ? { replicas } : {}),
    ...(named?.some(({ device }) => device !== undefined)
      ? { recomputationDevices: devicesOf(step, named, directives) }
      : {}),
    ...(lateTransfers ? { lateTransfers } : {}),
    ...(plan.offloads ? pagingOfPlan(step, plan.offloads) : {}),
  };
}

function namedRecomputations(
  { nodeName, devices }: StepGraph,
  { recomputations, recomputationDevices, placement }: Directives,
): PlannedRecomputation[] {
  return Array.from({ length: recomputations.length / 2 }, (_, i) => {
    const node = recomputations[2 * i + 1];
    const first = placement?.[node] ?? 0;
    const device = recomputationDevices?.[i] ?? first;
    return {
      before: nodeName[recomputations[2 * i]],
      operator: nodeName[node],
      ...(device === first ? {} : { device: devices[device] }),
    };
  });
}

/** By recomputation: the device it runs on. */
function devicesOf(
  { devices }: StepGraph,
  named: readonly PlannedRecomputation[],
  { recomputations, placement }: Directives,
): Uint8Array {
  return Uint8Array.from(named, ({ device, operator }, i) => {
    if (device === undefined) return placement?.[recomputations[2 * i + 1]] ?? 0;
    const index = devices.indexOf(device);
    if (index >= 0) return index;
    throw new HeadroomError(
      'bad-plan',
      `The plan runs "${operator}" again on "${device}", which is none of its devices.`,
      'Plan again.',
      { node: operator },
    );
  });
}

function pairsOf(step: StepGraph, recomputations: readonly PlannedRecomputation[]): Int32Array {
  const nodes = new Map(step.nodeName.map((name, node): [string, NodeId] => [name, node]));
  const nodeOf = (name: string): NodeId => {
    const node = nodes.get(name);
    if (node !== undefined) return node;
    throw new HeadroomError(
      'bad-plan',
      `The plan names "${name}", which the step does not have.`,
      'Plan again.',
      {
        node: name,
      },
    );
  };
  return Int32Array.from(
    recomputations.flatMap(({ before, operator }) => [nodeOf(before), nodeOf(operator)]),
  );
}
