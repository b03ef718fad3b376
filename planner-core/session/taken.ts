import { formatMemory } from '../base/format';

/** What a plan takes of the first device. */
export interface Taken {
  /** Peak of what tensors request. */
  readonly peakBytes: number;
  /** Reserved by PyTorch's allocator, and the CUDA context; absent where the device is no CUDA device. */
  readonly totalBytes?: number;
  /** By how much the context may take more or less; 0 where none is counted. */
  readonly toleranceBytes: number;
}

/** `23.8 GiB ± 150 MiB`, as nvidia-smi shows it where the device is a CUDA device. */
export function takenText({ totalBytes, peakBytes, toleranceBytes }: Taken): string {
  if (totalBytes === undefined) return formatMemory(peakBytes);
  return formatMemory(totalBytes) + (toleranceBytes > 0 ? ` ± ${formatMemory(toleranceBytes)}` : '');
}
