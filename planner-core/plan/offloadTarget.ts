import type { OffloadLink } from '../devices/offloadLink';

export type { OffloadLink };

/** Where values go that leave a device: memory of the host, or storage beyond it. */
export type OffloadPlace = 'host' | 'storage';
export const offloadPlaces: readonly OffloadPlace[] = ['host', 'storage'];

/** Where a plan may send what it does not need for a while. */
export interface OffloadTarget {
  readonly to: OffloadPlace;
  /** Absent: for the host what the machine links the device to it with, for storage the storage catalogue's default. */
  readonly link?: OffloadLink;
  /** Pinned host memory, or storage, that a plan may use, bytes; absent: as much as it takes. */
  readonly memoryBytes?: number;
}

/** What plans under a budget make least of. */
export type Minimise = 'time' | 'energy' | 'carbon';
export const minimisations: readonly Minimise[] = ['time', 'energy', 'carbon'];

/** A value that is away for a part of the step. */
export interface PlannedOffload {
  readonly value: string;
  /** Computation that waits until the value has left; absent: nothing does. */
  readonly goneBefore?: string;
  /** Computations before which it is asked for again, in order; where none is named, just before its next use. */
  readonly fetchBefore: readonly string[];
}
