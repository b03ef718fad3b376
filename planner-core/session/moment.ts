import type { ModelGraph } from '../graph/modelGraph';
import { Op, type Schedule } from '../simulator/schedule';
import { Phase, phaseNames, type StepGraph } from '../step/stepGraph';

/** What runs at a moment of the step. */
export interface Moment {
  readonly phase: string;
  readonly node: string;
  readonly module: string;
}

/** What runs at a schedule entry: the computation there, or the first one after a transfer. */
export function momentAt(graph: ModelGraph, step: StepGraph, schedule: Schedule, at: number): Moment {
  let phase: number = Phase.forward;
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.compute) continue;
    const node = schedule.subject[entry];
    // What runs again in backward belongs to backward.
    phase = Math.max(phase, step.nodePhase[node]);
    if (entry < at) continue;
    return {
      phase: phaseNames[phase],
      node: step.nodeName[node],
      module: graph.modules[step.nodeModule[node]]?.name ?? '',
    };
  }
  return { phase: 'forward', node: '', module: '' };
}
