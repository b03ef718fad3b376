import type { Prediction } from '../../plan/plan';
import type { PlanInputs } from '../../plan/planInputs';
import type { Simulation } from '../../simulator/simulate';
import type { StepGraph } from '../../step/stepGraph';
import { carbonGrams, stepEnergy } from './stepEnergy';

type Parts = Pick<Prediction, 'offloadPeakBytes' | 'stallMs' | 'energyJoules' | 'carbonGrams'>;

/** What a plan's prediction says of energy, and of values that leave, where they were asked for. */
export function offloadPrediction(step: StepGraph, inputs: PlanInputs, simulation: Simulation): Parts {
  const { timing, hostPeakBytes, stepTimeMs } = simulation;
  const leaves = inputs.offload !== undefined && step.devices.length === 1;
  const wantsEnergy = inputs.minimise === 'energy' || inputs.minimise === 'carbon';
  const energy = wantsEnergy ? stepEnergy(step, inputs, simulation) : undefined;
  const intensity = inputs.carbonGramsPerKWh;
  const stallMs = timing ? Math.max(0, stepTimeMs - timing.deviceBusyMs[0]) : 0;
  return {
    ...(leaves ? { offloadPeakBytes: hostPeakBytes, stallMs } : {}),
    ...(energy ? { energyJoules: energy.joules } : {}),
    ...(energy && intensity !== undefined ? { carbonGrams: carbonGrams(energy.joules, intensity) } : {}),
  };
}
