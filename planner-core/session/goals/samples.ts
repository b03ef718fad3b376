import { isBatchDimension, sizesOf, type FreeDimension } from '../../step/dimensions';
import type { PlanInputs } from '../../plan/planInputs';

/** Samples of one step, over all micro-batches: the product of the dimensions that count samples. */
export function samplesOf(dims: readonly FreeDimension[], inputs: PlanInputs): number {
  return productOf(dims, inputs, isBatchDimension);
}

/** Elements of one step, over all micro-batches, in whatever the dimensions count: tokens, pixels, samples. */
export function dataOf(dims: readonly FreeDimension[], inputs: PlanInputs): number {
  return productOf(dims, inputs, () => true);
}

function productOf(
  dims: readonly FreeDimension[],
  inputs: PlanInputs,
  counts: (name: string) => boolean,
): number {
  let product = inputs.workload.mode === 'training' ? inputs.workload.microBatches : 1;
  for (const [name, size] of sizesOf(dims, inputs.workload)) if (counts(name)) product *= size;
  return product;
}
