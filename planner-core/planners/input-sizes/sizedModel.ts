import type { Size } from '../../plan/sizePlan';
import type { StepGraph } from '../../step/stepGraph';

/** Peak of one plan at every size. */
export interface PeakOverSizes {
  /** Infinity where the plan does not apply: the step does something else at that size. */
  at(size: Size): number;
  /** Proven: no size has a higher peak than one that is no smaller in any dimension. */
  readonly isMonotone: boolean;
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
  /** Of the template with computations repeated before others. */
  peaks(recomputations: Int32Array): PeakOverSizes;
}
