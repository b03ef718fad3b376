import type { Size } from '../../plan/sizePlan';
import type { StepGraph, ValueId } from '../../step/stepGraph';

/** Peak of one plan at every size. */
export interface PeakOverSizes {
  /** Infinity where the plan does not apply: the step does something else at that size. */
  at(size: Size): number;
  /** Proven: no size has a higher peak than one that is no smaller in any dimension. */
  readonly isMonotone: boolean;
}

/** A value that is not on the device while the computations at some positions of a sequence run. */
export interface Away {
  readonly value: ValueId;
  readonly from: number;
  /** The first position at which it is there again, or on its way back. */
  readonly until: number;
}

/** A model at many sizes of some of its dimensions. */
export interface SizedModel {
  /** polynomial: bytes and work are exact functions of the size. built: each size is built when it is asked for. */
  readonly kind: 'polynomial' | 'built';
  /** The step at the largest size: plans are made of its nodes. */
  readonly template: StepGraph;
  /** Sizes at which a step was built and found to be what it was said to be. */
  readonly checkedSizes: readonly Size[];
  /** Does the step at this size have the computations of `template`, so that plans for it apply? */
  hasTemplate(size: Size): boolean;
  /** The step at a size; its arrays are its own. */
  stepAt(size: Size): StepGraph;
  /** Milliseconds of each node of the step at a size; valid until the next call. */
  durationsAt(size: Size): Float64Array;
  /** Of the template with computations repeated before others, and values away meanwhile. */
  peaks(recomputations: Int32Array, away?: readonly Away[]): PeakOverSizes;
}

/** Takes values that are away out of the memory by position, in place. */
export function withoutAway(
  liveBytes: Float64Array,
  away: readonly Away[],
  valueBytes: Float64Array,
): Float64Array {
  for (const { value, from, until } of away)
    for (let position = from; position < until; position++) liveBytes[position] -= valueBytes[value];
  return liveBytes;
}
