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

/**
 * Does a plan fit a device? 'just-fits': by what the CUDA context may take more or less, or by giving cached memory back on
 * the way.
 */
export type DeviceState = 'fits' | 'just-fits' | 'does-not-fit';

export type DeviceTotals = Pick<
  DeviceMemory,
  'device' | 'name' | 'memoryBytes' | 'totalBytes' | 'contextBytes' | 'contextToleranceBytes' | 'fit'
>;

export function deviceState({
  fit,
  totalBytes,
  memoryBytes,
  contextToleranceBytes,
}: Pick<DeviceTotals, 'fit' | 'totalBytes' | 'memoryBytes' | 'contextToleranceBytes'>): DeviceState {
  if (fit === 'out-of-memory') return 'does-not-fit';
  return fit === 'fits' && totalBytes + contextToleranceBytes <= memoryBytes ? 'fits' : 'just-fits';
}

/** The devices that run out of memory once the allocator and the context are counted, which no budget counts. */
export const fullDevices = <T extends Pick<DeviceMemory, 'fit'>>(devices: readonly T[]): T[] =>
  devices.filter(({ fit }) => fit === 'out-of-memory');

/** The device that a plan fits worst; of those alike, the fullest. undefined where there is none. */
export function tightestDevice<T extends DeviceTotals>(devices: readonly T[]): T | undefined {
  const rank = { fits: 2, 'just-fits': 1, 'does-not-fit': 0 } as const;
  const isTighter = (a: T, b: T): boolean =>
    rank[deviceState(a)] - rank[deviceState(b)] < 0 ||
    (deviceState(a) === deviceState(b) && fullness(a) > fullness(b));
  return devices.reduce<T | undefined>(
    (tightest, one) => (tightest && !isTighter(one, tightest) ? tightest : one),
    undefined,
  );
}

const fullness = ({ totalBytes, memoryBytes }: DeviceTotals): number => totalBytes / memoryBytes;

/** `fits, 1.20 GiB headroom`, `just fits: …`, `does not fit`: the same words wherever a plan is told of. */
export function deviceStateText(device: DeviceTotals): string {
  const { memoryBytes, totalBytes, contextToleranceBytes, fit } = device;
  const state = deviceState(device);
  if (state === 'fits') return `fits, ${formatMemory(memoryBytes - totalBytes)} headroom`;
  if (state === 'does-not-fit') return 'does not fit';
  return fit === 'fits'
    ? `just fits: the CUDA context differs by ± ${formatMemory(contextToleranceBytes)} between machines`
    : 'just fits, by giving cached memory back at each step, which takes time';
}

/**
 * What to know of a plan although it may be within its budget: a sentence for each device that it fills up or only just
 * fits.
 */
export function deviceWarnings(plan: Plan, devices: readonly DeviceMemory[]): string[] {
  const over = new Set(memoryFits(plan).flatMap(({ place, fits }) => (fits ? [] : [place])));
  // The budget is about what tensors ask of the first device.
  const budgeted = memoryFits(plan)[0].place;
  return devices.flatMap((device) => {
    const state = deviceState(device);
    if (state === 'fits') return [];
    if (state === 'just-fits') return `${device.device}: this plan ${deviceStateText(device)}.`;
    return device.device === budgeted && !over.has(device.device)
      ? `${device.device}: within the budget, but it takes ${takenText(device)}.`
      : `${device.device}: it takes ${takenText(device)}.`;
  });
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
