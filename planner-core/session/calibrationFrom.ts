import { HeadroomError } from '../base/errors';
import type { Calibration } from '../devices/calibration';
import { deviceNamed } from '../devices/catalogue';
import { fitCalibration } from '../devices/fitCalibration';
import { calibrationSamples } from '../measurements/calibrationSamples';
import type { MeasuredStep } from '../measurements/measuredStep';
import type { PlanDevice } from '../plan/plan';
import type { StepState } from './stepState';

/** Fits a device's shares of its peaks to a measured step. Throws 'bad-calibration' where no time was measured. */
export function calibrationFrom(
  { graph, built }: StepState,
  { name }: PlanDevice,
  measured: MeasuredStep,
): Calibration {
  const samples = calibrationSamples(graph, built, measured);
  if (samples.length === 0) {
    throw new HeadroomError(
      'bad-calibration',
      'The measurements time no layer.',
      'Load a trace of the PyTorch profiler, a profile of ONNX Runtime, or a table with times.',
    );
  }
  const files = measured.files.map((file) => file.name).join(', ');
  const provenance = `${samples.length} kinds of computations measured in ${files}`;
  return fitCalibration(deviceNamed(name), samples, provenance);
}
