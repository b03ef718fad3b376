import type { DeviceSpec } from './catalogue';
import { startingEfficiency, startingLaunchMs, type EfficiencyTable, type WorkClass } from './efficiency';
import { productMacs, utilisation, type MatrixProduct } from './matrixProduct';

/** Which of a device's compute peaks applies. */
export const rates = ['fp32', 'tf32', 'bf16', 'fp16', 'fp8'] as const;
export type Rate = (typeof rates)[number];

/** What one computation asks of a device. */
export interface Work {
  readonly workClass: WorkClass;
  /** Multiply-accumulates; one is two floating-point operations. */
  readonly macs: number;
  /** Bytes read from and written to device memory. */
  readonly trafficBytes: number;
  readonly rate: Rate;
  /** The matrix products that `macs` consists of, where they are known: small ones do not fill a device. */
  readonly products?: readonly MatrixProduct[];
  /** Kernels that are launched; 1 when absent. */
  readonly launches?: number;
}

/** A device with the shares of its peaks that kernels reach on it. */
export interface DeviceTiming {
  readonly spec: DeviceSpec;
  readonly efficiency: EfficiencyTable;
  readonly launchMs: number;
}

/** What takes most of a computation's time: arithmetic, memory traffic, or issuing the kernel. */
export const bounds = ['none', 'compute', 'memory', 'launch'] as const;
export type Bound = (typeof bounds)[number];

export interface Cost {
  readonly durationMs: number;
  readonly bound: Bound;
}

/** A device without measurements. */
export const uncalibrated = (spec: DeviceSpec): DeviceTiming => ({
  spec,
  efficiency: startingEfficiency,
  launchMs: startingLaunchMs,
});

/**
 * Roofline time: the larger of arithmetic and memory time, plus the launches (Williams et al., "Roofline", CACM 2009).
 * A computation without traffic and arithmetic launches nothing and takes no time.
 */
export function rooflineCost(work: Work, { spec, efficiency, launchMs }: DeviceTiming): Cost {
  if (work.macs === 0 && work.trafficBytes === 0) return { durationMs: 0, bound: 'none' };
  const share = efficiency[work.workClass];
  const arithmeticMs = idealComputeMs(work, spec) / share.compute;
  const memoryMs = idealMemoryMs(work, spec) / share.memory;
  const launchesMs = (work.launches ?? 1) * launchMs;
  const workMs = Math.max(arithmeticMs, memoryMs);
  const bound = launchesMs > workMs ? 'launch' : arithmeticMs > memoryMs ? 'compute' : 'memory';
  return { durationMs: workMs + launchesMs, bound };
}

/** Milliseconds of arithmetic at the device's peak, products only as fast as they fill it. */
export function idealComputeMs(work: Pick<Work, 'macs' | 'products' | 'rate'>, spec: DeviceSpec): number {
  const msPerMac = 2 / (peakTflops(spec, work.rate) * 1e9);
  let macs = work.macs;
  for (const product of work.products ?? []) {
    macs += productMacs(product) * (1 / utilisation(product, spec.multiprocessors) - 1);
  }
  return macs * msPerMac;
}

/** Milliseconds of memory traffic at the device's full bandwidth. */
export const idealMemoryMs = (work: Pick<Work, 'trafficBytes'>, spec: DeviceSpec): number =>
  work.trafficBytes / (spec.memoryGBPerS * 1e6);

/** The dense peak for a number format; formats a device lacks run at the next wider rate it has. */
export function peakTflops(spec: DeviceSpec, rate: Rate): number {
  const { fp32Tflops, tf32Tflops, halfTflops, fp8Tflops, hasBf16 } = spec;
  // Accelerators that list no fp32 rate run fp32 on their matrix units.
  const fp32 = fp32Tflops || halfTflops;
  switch (rate) {
    case 'fp32':
      return fp32;
    case 'tf32':
      return tf32Tflops || fp32;
    case 'bf16':
      return hasBf16 ? halfTflops || fp32 : fp32;
    case 'fp16':
      return halfTflops || fp32;
    case 'fp8':
      return fp8Tflops || halfTflops || fp32;
  }
}
