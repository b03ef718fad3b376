import type { ModelGraph } from '../graph/modelGraph';
import { compileSchedule } from '../simulator/compileSchedule';
import { bytesOfMarked, keptValues } from '../simulator/keptValues';
import { Op, type Directives, type Schedule } from '../simulator/schedule';
import { simulate, type Simulation } from '../simulator/simulate';
import { phaseNames, type StepGraph } from '../step/stepGraph';
import { moduleTotals, type ModuleTotals } from './moduleTotals';
import type { StepState } from './stepState';
import { stepTotals } from './stepTotals';
import type { StepTotals } from './types';

/** The moment of the highest memory. */
export interface PeakMoment {
  readonly phase: string;
  readonly node: string;
  readonly module: string;
}

/** One step in numbers: what `headroom profile` prints. */
export interface Profile extends StepTotals {
  readonly peakBytes: number;
  readonly peak: PeakMoment;
  /** Highest memory within each phase. */
  readonly phasePeakBytes: Readonly<Record<string, number>>;
  readonly stepTimeMs: number;
  readonly modules: Readonly<Record<string, ModuleTotals>>;
  readonly timeline: readonly { readonly node: string; readonly phase: string; readonly liveBytes: number }[];
  readonly assumptions: readonly string[];
}

/** Simulates a step under directives and puts names to the numbers. */
export function profileOf(state: StepState, directives: Directives): Profile {
  const { graph, built, view } = state;
  const { step } = built;
  const schedule = compileSchedule(step, directives);
  const simulation = simulate(step, schedule);
  const kept = keptValues(step, directives);
  const timeline = [];
  const phasePeakBytes: Record<string, number> = {};
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.compute) continue;
    const node = schedule.subject[entry];
    const phase = phaseNames[step.nodePhase[node]];
    const liveBytes = simulation.liveBytes[entry];
    phasePeakBytes[phase] = Math.max(phasePeakBytes[phase] ?? 0, liveBytes);
    timeline.push({ node: step.nodeName[node], phase, liveBytes });
  }
  return {
    ...stepTotals(built),
    savedBytes: bytesOfMarked(step, kept),
    peakBytes: simulation.peakBytes,
    peak: peakMoment(graph, step, schedule, simulation),
    phasePeakBytes,
    stepTimeMs: simulation.stepTimeMs,
    modules: moduleTotals(graph, built, kept),
    timeline,
    assumptions: view.assumptions,
  };
}

/** What runs at the peak: the computation there, or the first one after it where the peak is a transfer. */
export function peakMoment(
  graph: ModelGraph,
  step: StepGraph,
  schedule: Schedule,
  simulation: Simulation,
): PeakMoment {
  for (let entry = Math.max(simulation.peakEntry, 0); entry < schedule.length; entry++) {
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
