import type { DeviceSpec } from './catalogue';

/**
 * Share of a device's peaks that kernels reach. Starting points, not measurements of a given machine: large matrix
 * products reach 60–88 % of dense peak, element-wise kernels 80–92 % of memory bandwidth.
 */
export const efficiency = { matrix: 0.6, memory: 0.8 } as const;

/** Time an eager framework needs to launch one kernel. */
export const launchMs = 0.005;

/** What one computation asks of a device. */
export interface Work {
  readonly macs: number;
  /** Bytes read and written. */
  readonly trafficBytes: number;
  /** Which of the device's compute peaks applies. */
  readonly rate: 'fp32' | 'tf32' | 'half';
}

/**
 * Roofline time: the larger of arithmetic and memory time, plus the launch (Williams et al., "Roofline", CACM 2009).
 * A computation without traffic and arithmetic launches nothing and takes no time.
 */
export function rooflineMs(work: Work, device: DeviceSpec): number {
  if (work.macs === 0 && work.trafficBytes === 0) return 0;
  const peakTflops =
    (work.rate === 'half' && device.halfTflops) ||
    (work.rate !== 'fp32' && device.tf32Tflops) ||
    device.fp32Tflops ||
    device.halfTflops;
  const arithmeticMs = (2 * work.macs) / (peakTflops * 1e9 * efficiency.matrix);
  const memoryMs = work.trafficBytes / (device.memoryGBPerS * 1e6 * efficiency.memory);
  return Math.max(arithmeticMs, memoryMs) + launchMs;
}
