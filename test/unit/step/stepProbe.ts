import { findDevice } from '../../../planner-core/devices/catalogue';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything, Op } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { buildStep, type BuiltStep } from '../../../planner-core/step/buildStep';
import type { Phase, StepGraph, ValueKind } from '../../../planner-core/step/stepGraph';
import { defaultWorkload, type Workload } from '../../../planner-core/step/workload';

const device = { id: 'gpu0', spec: findDevice('T4')! };

export const build = (graph: ModelGraph, changes: Partial<Workload> = {}): BuiltStep =>
  buildStep(graph, { ...defaultWorkload, ...changes }, [device]);

/** Live bytes while each node runs, by node name in the order they run, everything kept. */
export function liveBytesOf(step: StepGraph): Map<string, number> {
  const schedule = compileSchedule(step, keepEverything);
  const { liveBytes } = simulate(step, schedule);
  const live = new Map<string, number>();
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] === Op.compute) live.set(step.nodeName[schedule.subject[entry]], liveBytes[entry]);
  }
  return live;
}

/** Highest live bytes while nodes of a phase run. */
export function phasePeakBytes(step: StepGraph, phase: Phase): number {
  const live = liveBytesOf(step);
  return Math.max(...step.nodeName.filter((_, n) => step.nodePhase[n] === phase).map((n) => live.get(n)!));
}

export function bytesOfKind({ step }: BuiltStep, kind: ValueKind): number {
  return step.valueBytes.reduce((sum, bytes, value) => sum + (step.valueKind[value] === kind ? bytes : 0), 0);
}

/** What is in memory when the step is over. */
export const bytesAtEnd = (step: StepGraph): number =>
  step.valueBytes.reduce((sum, bytes, value) => sum + (step.residentAtEnd[value] ? bytes : 0), 0);

export const nodesOf = ({ step }: BuiltStep, phase: Phase): string[] =>
  step.nodeName.filter((_, node) => step.nodePhase[node] === phase);
