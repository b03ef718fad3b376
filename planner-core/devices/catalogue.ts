import { didYouMean } from '../base/didYouMean';
import { HeadroomError } from '../base/errors';
import { rows } from './deviceTable';

/**
 * A device with its dense peaks: tensor-core rates without sparsity, fp32 accumulation. GB and TFLOPS are decimal.
 * A figure a device does not have, or that is not known for sure, is 0.
 */
export interface DeviceSpec {
  readonly name: string;
  /** Usable memory as the framework reports it is a little less: users can enter their own. */
  readonly memoryBytes: number;
  readonly fp32Tflops: number;
  /** Rate of fp32 convolutions and, where enabled, matrix products on tensor cores. */
  readonly tf32Tflops: number;
  /** bf16 or fp16. */
  readonly halfTflops: number;
  /** false: `halfTflops` holds for fp16 alone, bf16 runs at the fp32 rate. */
  readonly hasBf16: boolean;
  readonly fp8Tflops: number;
  readonly memoryGBPerS: number;
  /** Link to host memory, one direction. */
  readonly hostLinkGBPerS: number;
  /** Link to a peer of the same kind, one direction. */
  readonly peerLinkGBPerS: number;
  readonly powerW: number;
  /** Streaming multiprocessors or compute units that share out the tiles of a matrix product; 0: not modelled. */
  readonly multiprocessors: number;
  /** The document the figures are printed in, and whether they were compared with it. */
  readonly source: string;
}

const gib = 1024 ** 3;

/** Turing and Volta have fp16 tensor cores only. */
const fp16Only = new Set(['T4', 'V100 SXM2 16GB', 'V100 SXM2 32GB']);

export const deviceCatalogue: readonly DeviceSpec[] = rows.map(
  ([name, memoryGiB, fp32, tf32, half, fp8, memoryGBPerS, hostLink, peerLink, powerW, units, source]) => ({
    name,
    memoryBytes: memoryGiB * gib,
    fp32Tflops: fp32,
    tf32Tflops: tf32,
    halfTflops: half,
    hasBf16: !fp16Only.has(name),
    fp8Tflops: fp8,
    memoryGBPerS,
    hostLinkGBPerS: hostLink,
    peerLinkGBPerS: peerLink,
    powerW,
    multiprocessors: units,
    source,
  }),
);

export const defaultDeviceName = 'RTX 4090';

/** The device of this name, whatever its case; undefined when the catalogue has none. */
export function findDevice(name: string): DeviceSpec | undefined {
  const wanted = name.trim().toLowerCase();
  return deviceCatalogue.find((device) => device.name.toLowerCase() === wanted);
}

/** Like `findDevice`; throws 'unknown-device', naming the devices there are. */
export function deviceNamed(name: string): DeviceSpec {
  const spec = findDevice(name);
  if (spec) return spec;
  const known = deviceCatalogue.map((device) => device.name);
  const hint = didYouMean(name, known) ?? `Known devices: ${known.join(', ')}.`;
  throw new HeadroomError('unknown-device', `There is no device "${name}".`, hint);
}
