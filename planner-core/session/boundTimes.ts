import { bounds, type Bound } from '../devices/roofline';
import type { StepGraph } from '../step/stepGraph';
import type { LayerRow } from './types';

/** The bound under which most of the time is spent; `ms` has one entry for each of `bounds`. */
export function dominantBound(ms: ArrayLike<number>): Bound {
  let most = 0;
  for (let bound = 1; bound < bounds.length; bound++) if (ms[bound] > ms[most]) most = bound;
  return bounds[most];
}

/** Says for every row what most of its forward and backward time is spent on. */
export function setBounds(
  rows: readonly (Pick<LayerRow, 'forwardNodes'> & { bound: Bound })[],
  step: StepGraph,
  operatorCount: number,
): void {
  const ofOperator = new Float64Array(operatorCount * bounds.length);
  for (let node = 0; node < step.nodeCount; node++) {
    const operator = step.nodeOperator[node];
    if (operator >= 0) ofOperator[operator * bounds.length + step.bound[node]] += step.durationMs[node];
  }
  const ms = new Float64Array(bounds.length);
  for (const row of rows) {
    ms.fill(0);
    for (const node of row.forwardNodes) {
      const first = step.nodeOperator[node] * bounds.length;
      for (let bound = 0; bound < ms.length; bound++) ms[bound] += ofOperator[first + bound];
    }
    row.bound = dominantBound(ms);
  }
}
