import type { Diagnostic } from '../base/diagnostic';
import { bounds, type Bound } from '../devices/roofline';
import type { ModelGraph } from '../graph/modelGraph';
import { compileSchedule } from '../simulator/compileSchedule';
import { bytesOfMarked, keptValues } from '../simulator/keptValues';
import { Op, type Directives, type Schedule } from '../simulator/schedule';
import { simulate, type Simulation } from '../simulator/simulate';
import { Phase, phaseNames, type StepGraph } from '../step/stepGraph';
import type { AllocatorView } from './allocatorView';
import { kvCacheView, type KvCacheView } from './kvCacheView';
import { moduleTotals, type ModuleTotals } from './moduleTotals';
import { momentAt, type Moment } from './moment';
import { recognitionSummary, type RecognitionSummary } from './recognitionSummary';
import type { StepState } from './stepState';
import { stepTotals } from './stepTotals';
import { placementView } from './placed';
import type { PlacementView, StepTotals } from './types';

/** One computation of the step, in the order they run. */
export interface ComputedNode {
  readonly node: string;
  readonly phase: string;
  readonly liveBytes: number;
  /** On the first device. */
  readonly durationMs: number;
  readonly macs: number;
  readonly trafficBytes: number;
  /** What most of its time is spent on, on the first device. */
  readonly bound: Bound;
}

/** One step in numbers: what `headroom profile` prints. */
export interface Profile extends StepTotals {
  readonly peakBytes: number;
  readonly peak: Moment;
  /** Highest memory within each phase. */
  readonly phasePeakBytes: Readonly<Record<string, number>>;
  readonly stepTimeMs: number;
  readonly modules: Readonly<Record<string, ModuleTotals>>;
  readonly timeline: readonly ComputedNode[];
  readonly assumptions: readonly string[];
  /** Where the file's operators are read as PyTorch calls. */
  readonly recognitions: readonly RecognitionSummary[];
  readonly diagnostics: readonly Diagnostic[];
  /** What several devices and their links do; absent for one. */
  readonly placement?: PlacementView;
  /** Keys and values of earlier tokens, before the step; 0 without a cache. */
  readonly kvCacheBytes: number;
  /** Inference of a decoder: the cache by layer. */
  readonly kvCache?: KvCacheView;
  /** What PyTorch and the driver count on the first device; absent where it is no CUDA device. */
  readonly allocator?: AllocatorView;
  /** The same for every CUDA device, when there are several devices. */
  readonly allocators?: readonly AllocatorView[];
}

/** Simulates a step under directives and puts names to the numbers. `allocators`: of its CUDA devices. */
export function profileOf(
  state: StepState,
  directives: Directives,
  allocators: readonly AllocatorView[],
): Profile {
  const { graph, built, view } = state;
  const { step } = built;
  const schedule = compileSchedule(step, directives);
  const simulation = simulate(step, schedule);
  const kept = keptValues(step, directives);
  const timeline: ComputedNode[] = [];
  let current: number = Phase.forward;
  const phasePeakBytes: Record<string, number> = {};
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.compute) continue;
    const node = schedule.subject[entry];
    // What runs again in backward belongs to backward.
    current = Math.max(current, step.nodePhase[node]);
    const phase = phaseNames[current];
    const liveBytes = simulation.liveBytes[entry];
    phasePeakBytes[phase] = Math.max(phasePeakBytes[phase] ?? 0, liveBytes);
    timeline.push({
      node: step.nodeName[node],
      phase,
      liveBytes,
      durationMs: step.durationMs[node],
      macs: step.macs[node],
      trafficBytes: step.trafficBytes[node],
      bound: bounds[step.bound[node]],
    });
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
    recognitions: recognitionSummary(view.recognitions),
    diagnostics: view.diagnostics,
    placement: placementView(step, directives, 'fit'),
    kvCacheBytes: built.kvCache?.bytes ?? 0,
    kvCache: built.kvCache && kvCacheView(built.kvCache),
    allocator: allocators.find(({ device }) => device === step.devices[0]),
    allocators: step.devices.length > 1 ? allocators : undefined,
  };
}

/** What runs at the peak: the computation there, or the first one after it where the peak is a transfer. */
export function peakMoment(
  graph: ModelGraph,
  step: StepGraph,
  schedule: Schedule,
  simulation: Simulation,
): Moment {
  return momentAt(graph, step, schedule, simulation.peakEntry);
}
