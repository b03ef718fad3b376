import { deviceNamed } from '../../devices/catalogue';
import { devicePower, joulesPerKWh } from '../../devices/energy';
import { eachDevice } from '../../devices/machine';
import type { PlanInputs } from '../../plan/planInputs';
import type { Simulation } from '../../simulator/simulate';
import type { StepGraph } from '../../step/stepGraph';
import { offloadLinkOf, passesOf } from './offloadLinkOf';

/** Energy of a step by its parts, joules. */
export interface StepEnergy {
  readonly joules: number;
  readonly computeJoules: number;
  readonly waitJoules: number;
  readonly transferJoules: number;
}

/**
 * What a simulated step draws: each device its catalogue's power while it computes and a share of it while it waits, and
 * transfers by their bytes, those of every micro-batch. Undefined where the power of a device is not known. Computations count at the power limit of
 * the board: an upper bound for those that are bound by memory or by launches.
 */
export function stepEnergy(
  step: StepGraph,
  inputs: Pick<PlanInputs, 'devices' | 'offload' | 'workload'>,
  simulation: Simulation,
): StepEnergy | undefined {
  const { timing, computeMs, stepTimeMs, transferBytes } = simulation;
  let computeJoules = 0;
  let waitJoules = 0;
  for (const [index, { name }] of eachDevice(inputs.devices).entries()) {
    const power = devicePower(deviceNamed(name).powerW);
    if (!power) return undefined;
    const busyMs = timing ? timing.deviceBusyMs[index] : computeMs;
    computeJoules += (power.computeW * busyMs) / 1000;
    waitJoules += (power.waitW * Math.max(0, stepTimeMs - busyMs)) / 1000;
  }
  const { joulesPerGB = 0 } = offloadLinkOf(step, inputs.offload, 1);
  const transferJoules = (joulesPerGB * transferBytes * passesOf(inputs.workload)) / 1e9;
  return { joules: computeJoules + waitJoules + transferJoules, computeJoules, waitJoules, transferJoules };
}

/** Grams of carbon dioxide. */
export const carbonGrams = (joules: number, gramsPerKWh: number): number =>
  (joules / joulesPerKWh) * gramsPerKWh;
