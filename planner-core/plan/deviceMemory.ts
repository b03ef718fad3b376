import { formatMemory } from '../base/format';
import { memoryFits } from './memoryFit';
import type { Plan } from './plan';

/** The memory of one device over a step, from what tensors ask for to what the driver counts for the process. */
export interface DeviceMemory {
  /** Id of the device in the plan, its name and its memory. */
  readonly device: string;
  readonly name: string;
  readonly memoryBytes: number;
  /** What tensors ask for at most: the simulator's peak. */
  readonly requestedPeakBytes: number;
  /** Their blocks and library workspaces: torch.cuda.max_memory_allocated. */
  readonly allocatedPeakBytes: number;
  /** The segments of the blocks: torch.cuda.max_memory_reserved. */
  readonly reservedPeakBytes: number;
  /** Of the CUDA context, which differs between machines by about the tolerance. */
  readonly contextBytes: number;
  readonly contextToleranceBytes: number;
  /** Reserved and context: what nvidia-smi shows for the process. */
  readonly totalBytes: number;
  /** 'fits-after-retries': only because cached segments are given back on the way, which costs time at each step. */
  readonly fit: 'fits' | 'fits-after-retries' | 'out-of-memory';
}

/** The devices that run out of memory once the allocator and the context are counted, which no budget counts. */
export const fullDevices = <T extends Pick<DeviceMemory, 'fit'>>(devices: readonly T[]): T[] =>
  devices.filter(({ fit }) => fit === 'out-of-memory');

/** What is wrong with a plan although it may be within its budget: a sentence for each device that it fills up. */
export function fullDeviceWarnings(plan: Plan, devices: readonly DeviceMemory[]): string[] {
  const over = new Set(memoryFits(plan).flatMap(({ place, fits }) => (fits ? [] : [place])));
  // The budget is about what tensors ask of the first device.
  const budgeted = memoryFits(plan)[0].place;
  return fullDevices(devices).map((full) =>
    full.device === budgeted && !over.has(full.device)
      ? `${full.device}: within the budget, but it takes ${takenText(full)}.`
      : `${full.device}: it takes ${takenText(full)}.`,
  );
}

/** `25.0 GiB with PyTorch's allocator and the CUDA context, more than the RTX 4090 has`. */
export function takenText({
  name,
  totalBytes,
  contextBytes,
}: Pick<DeviceMemory, 'name' | 'totalBytes' | 'contextBytes'>): string {
  const context = contextBytes > 0 ? ' and the CUDA context' : '';
  return `${formatMemory(totalBytes)} with PyTorch's allocator${context}, more than the ${name} has`;
}
