import { formatMemory } from '../base/format';
import { eachDevice } from '../devices/machine';
import type { Plan } from './plan';

/** What a plan needs of a memory, beside how much there may be of it. */
export interface MemoryFit {
  /** Device id; 'host' or 'storage' for where offloaded values go. */
  readonly place: string;
  readonly peakBytes: number;
  readonly limitBytes: number;
  /** Whose limit it is: the plan's budget, which is for the first device, what a device has, what offloading may take. */
  readonly limit: 'budget' | 'device' | 'offload';
  readonly fits: boolean;
}

/** Holds the peaks that a plan predicts against its budget, the memory of its devices, and what offloading may take. */
export function memoryFits(plan: Plan): MemoryFit[] {
  const { devices, budgetBytes, offload, prediction } = plan;
  const fits: MemoryFit[] = [];
  const add = (place: string, peakBytes: number, limit: MemoryFit['limit'], limitBytes: number): void => {
    fits.push({ place, peakBytes, limitBytes, limit, fits: peakBytes <= limitBytes });
  };
  eachDevice(devices).forEach(({ id, memoryBytes }, position) => {
    // A pipeline has several micro-batches in flight.
    const peakBytes = Math.max(
      prediction.perDevicePeakBytes[id] ?? 0,
      prediction.throughput?.perDevicePeakBytes[id] ?? 0,
    );
    if (position === 0) add(id, peakBytes, 'budget', budgetBytes);
    add(id, peakBytes, 'device', memoryBytes);
  });
  if (offload?.memoryBytes !== undefined)
    add(offload.to, prediction.offloadPeakBytes ?? 0, 'offload', offload.memoryBytes);
  return fits;
}

/** `gpu0 needs 3.00 GiB, the budget is 4.00 GiB`. */
export const memoryFitText = ({ place, peakBytes, limit, limitBytes }: MemoryFit): string =>
  `${place} needs ${formatMemory(peakBytes)}, ${limits[limit](formatMemory(limitBytes))}`;

const limits: Record<MemoryFit['limit'], (size: string) => string> = {
  budget: (size) => `the budget is ${size}`,
  device: (size) => `the device has ${size}`,
  offload: (size) => `offloading may take ${size}`,
};
