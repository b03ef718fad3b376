import { parseMemory } from '../../planner-core/base/format';
import type { NamedCalibration } from '../../planner-core/devices/calibration';
import { defaultDeviceName, findDevice } from '../../planner-core/devices/catalogue';
import type { PlanDevice, PlanLink, Strategy } from '../../planner-core/plan/plan';
import { defaultPlanInputs, type PlanInputs } from '../../planner-core/plan/planInputs';
import { withCalibration } from '../../planner-core/plan/withCalibration';
import type { Loss, Optimizer, Precision, Workload } from '../../planner-core/step/workload';

/** What a model without a plan starts with; the settings of the same names. */
export interface Defaults {
  /** Name in the device catalogue; anything else means the catalogue's default. */
  readonly device: string;
  /** e.g. "8 GiB"; '' or anything that is no size: all of the device's memory. */
  readonly budget: string;
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly precision: Precision;
  readonly semantics: Workload['semantics'];
  readonly strategy: Strategy;
  /** Values by name of dimension, for all models. */
  readonly dimensions: Readonly<Record<string, number>>;
  /** Devices and links; they count more than `device`. */
  readonly machine?: DefaultMachine;
  /** What was measured of a device. */
  readonly calibration?: NamedCalibration;
}

export interface DefaultMachine {
  readonly devices: readonly PlanDevice[];
  /** Absent: what the device catalogue says. */
  readonly links?: readonly PlanLink[];
}

/** Pure. */
export function defaultInputs(defaults: Defaults): PlanInputs {
  const { devices, links } = defaults.machine ?? { devices: [planDevice(defaults.device)] };
  const inputs: PlanInputs = { ...defaultPlanInputs(devices), ...(links ? { links } : {}) };
  const { optimizer, loss, precision, semantics, strategy, dimensions, calibration } = defaults;
  const chosen: PlanInputs = {
    ...inputs,
    workload: { ...inputs.workload, optimizer, loss, precision, semantics, dims: { ...dimensions } },
    budgetBytes: parseMemory(defaults.budget),
    strategy,
  };
  return withCalibration(chosen, calibration);
}

/** A device of the catalogue as plans name it. */
export function planDevice(name: string): PlanDevice {
  const spec = findDevice(name) ?? findDevice(defaultDeviceName);
  if (!spec) throw new Error(`the device catalogue lacks its default, ${defaultDeviceName}`);
  return { id: 'gpu0', name: spec.name, memoryBytes: spec.memoryBytes };
}
