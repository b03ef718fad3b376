import type { ModelGraph } from '../graph/modelGraph';
import { Op, type Schedule } from '../simulator/schedule';
import { phaseNames, type StepGraph } from '../step/stepGraph';

/** What runs at a moment of the step. */
export interface Moment {
  readonly phase: string;
  readonly node: string;
  readonly module: string;
}

/** What runs at a schedule entry: the computation there, or the first one after a transfer. */
export function momentAt(graph: ModelGraph, step: StepGraph, schedule: Schedule, at: number): Moment {
  for (let entry = Math.max(at, 0); entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.compute) continue;
    const node = schedule.subject[entry];
    return {
      phase: phaseNames[step.nodePhase[node]],
      node: step.nodeName[node],
      module: graph.modules[step.nodeModule[node]]?.name ?? '',
    };
  }
  return { phase: 'forward', node: '', module: '' };
}
