import { isBatchDimension, type FreeDimension } from '../../step/dimensions';
import type { PlanInputs } from '../../plan/planInputs';

/** Size of every dimension under a workload: its own, else the assumed one. */
export function sizesOf(dims: readonly FreeDimension[], { workload }: PlanInputs): Map<string, number> {
  return new Map(dims.map(({ name, assumed }) => [name, workload.dims[name] ?? assumed]));
}

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
  for (const [name, size] of sizesOf(dims, inputs)) if (counts(name)) product *= size;
  return product;
}
