import type { OffloadFacts } from '../../exporters/offloadFacts';

/** One transfer between the first device and where offloaded values go. */
export interface TransferView {
  /** Name of the value. */
  readonly value: string;
  /** Operator that made the value, or the parameter it belongs to: what a click on the transfer selects. */
  readonly target: string;
  readonly bytes: number;
  readonly direction: 'out' | 'in';
  readonly startMs: number;
  readonly endMs: number;
}

/** A time in which the device waits for a transfer. */
export interface StallView {
  readonly startMs: number;
  readonly endMs: number;
  /** Computation that waits. */
  readonly node: string;
  /** fetch: its input is not back yet. leave: the memory it needs is not free yet. */
  readonly reason: 'fetch' | 'leave';
}

/** What becomes of one value that backward, or the optimizer, needs again, and what each choice would cost. */
export interface ValueChoice {
  readonly value: string;
  /** Operator that makes it, or parameter it belongs to: the target of decisions. */
  readonly target: string;
  readonly kind: 'activation' | 'state';
  readonly bytes: number;
  readonly choice: 'keep' | 'recompute' | 'offload';
  /** Between its last use in forward and its next: what a transfer can hide behind. */
  readonly windowMs: number;
  /** Time to compute it again from what is kept otherwise; undefined where it cannot be computed again. */
  readonly recomputeMs?: number;
  /** Time of both transfers, out and in. */
  readonly transferMs: number;
  /** Of that, the way back. */
  readonly backMs: number;
  /** From its first last use on it may leave, and by then all that comes back has to be there: milliseconds of the step. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** The part of it that the window cannot hide, were the link free: the least that offloading it costs. */
  readonly exposedMs: number;
}

/** What leaves the device under a plan, value by value. */
export interface OffloadView extends OffloadFacts {
  /** By start. */
  readonly transfers: readonly TransferView[];
  /** By start; they do not overlap. */
  readonly stalls: readonly StallView[];
  /** By size, the largest first. */
  readonly values: readonly ValueChoice[];
}

/** Energy of one step. */
export interface EnergyView {
  readonly joules: number;
  /** Of the device while it computes, while it waits, and of transfers; their sum is `joules`. */
  readonly computeJoules: number;
  readonly waitJoules: number;
  readonly transferJoules: number;
  /** Of keeping everything, were there memory for it. */
  readonly keepAllJoules: number;
  /** With the intensity the user gave. */
  readonly carbonGrams?: number;
}
