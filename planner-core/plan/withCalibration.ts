import type { NamedCalibration } from '../devices/calibration';
import type { PlanInputs } from './planInputs';

/** The inputs with a calibration: its devices have the memory it found usable, where it says so. */
export function withCalibration(inputs: PlanInputs, named: NamedCalibration | undefined): PlanInputs {
  if (!named) return inputs;
  const { device, usableMemoryBytes } = named.calibration;
  const devices = inputs.devices.map((one) =>
    one.name === device && usableMemoryBytes !== undefined ? { ...one, memoryBytes: usableMemoryBytes } : one,
  );
  return { ...inputs, devices, calibration: named };
}
