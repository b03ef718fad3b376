import type { Timeline } from '../../planner-core/simulator/timeline';
import type { Phase, StepGraph } from '../../planner-core/step/stepGraph';

/** The sample with most in memory while a phase runs. */
export interface PhasePeak {
  readonly phase: Phase;
  readonly sample: number;
}

/** The peak of each phase, in their order; recomputations belong to the phase they happen in. */
export function phasePeaks(step: StepGraph, { length, node, again, liveBytes }: Timeline): PhasePeak[] {
  const peaks: PhasePeak[] = [];
  for (let sample = 0; sample < length; sample++) {
    const phase = step.nodePhase[node[sample]] as Phase;
    const last = peaks.at(-1);
    if (!last || (last.phase !== phase && !again[sample])) peaks.push({ phase, sample });
    else if (liveBytes[sample] > liveBytes[last.sample]) peaks[peaks.length - 1] = { ...last, sample };
  }
  return peaks;
}
