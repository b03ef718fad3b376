/** Where values go that leave a device: memory of the host, or storage beyond it. */
export type OffloadPlace = 'host' | 'storage';
export const offloadPlaces: readonly OffloadPlace[] = ['host', 'storage'];

/** What carries values between the first device and where they go. Rates are decimal, what large transfers reach. */
export interface OffloadLink {
  /** Name in the link catalogue or the storage catalogue, or 'custom'. */
  readonly name: string;
  /** Away from the device. */
  readonly outGBPerS: number;
  /** Back to the device. */
  readonly inGBPerS: number;
  readonly latencyMs: number;
  /** One transfer at a time, both directions together; else one in each direction. */
  readonly shared: boolean;
  /** Energy of a transfer, joules for 1e9 bytes; absent: not known. */
  readonly joulesPerGB?: number;
}

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
