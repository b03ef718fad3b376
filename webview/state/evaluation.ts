import { compileSchedule } from '../../planner-core/simulator/compileSchedule';
import { bytesOfMarked, keptValues } from '../../planner-core/simulator/keptValues';
import type { Directives, Schedule } from '../../planner-core/simulator/schedule';
import { simulate, type Simulation } from '../../planner-core/simulator/simulate';
import { tensorLives, type TensorLives } from '../../planner-core/simulator/tensorLives';
import { timelineOf, type Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';

/** Directives with what the simulator says about them. Parts are computed when first asked for. */
export class Evaluation {
  readonly schedule: Schedule;
  readonly simulation: Simulation;
  private readonly timelines: Timeline[] = [];
  private readonly lives: TensorLives[] = [];
  private kept?: number;

  constructor(
    readonly step: StepGraph,
    readonly directives: Directives,
  ) {
    this.schedule = compileSchedule(step, directives);
    this.simulation = simulate(step, this.schedule);
  }

  /** Bytes that stay in memory from the forward to the backward pass. */
  get keptBytes(): number {
    return (this.kept ??= bytesOfMarked(this.step, keptValues(this.step, this.directives)));
  }

  /** Memory of a device over the step. */
  timeline(device: number): Timeline {
    return (this.timelines[device] ??= timelineOf(this.step, this.schedule, device));
  }

  /** Every stay of a tensor in the memory of a device; of steps on one device. */
  tensorLives(device: number): TensorLives {
    return (this.lives[device] ??= tensorLives(this.step, this.schedule, device));
  }
}

/** Computations of all evaluations that are remembered of a step: at about 110 bytes each, some 50 MiB. */
const mostComputations = 500_000;
const fewestRemembered = 4;

const known = new WeakMap<StepGraph, Map<Directives, Evaluation>>();

/**
 * Simulates once for each pair of step and directives: a slider that goes back and forth meets the same ones again. Of a
 * large step only the latest ones are remembered.
 */
export function evaluate(step: StepGraph, directives: Directives): Evaluation {
  let ofStep = known.get(step);
  if (!ofStep) known.set(step, (ofStep = new Map()));
  const evaluation = ofStep.get(directives) ?? new Evaluation(step, directives);
  // Maps keep their order: the one used last goes to the end.
  ofStep.delete(directives);
  ofStep.set(directives, evaluation);
  const most = Math.max(fewestRemembered, Math.floor(mostComputations / Math.max(1, step.nodeCount)));
  for (const [oldest] of ofStep) {
    if (ofStep.size <= most) break;
    ofStep.delete(oldest);
  }
  return evaluation;
}
