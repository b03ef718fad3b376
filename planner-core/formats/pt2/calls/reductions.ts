import {
  asAten,
  given,
  int,
  ints,
  type Call,
  type Lowered,
  type Lowering,
  type LoweringTable,
} from '../call';
import { extremes } from './elementwise';

/** Over the axes of `dim`, all of them where it is absent or empty. */
function reduced(type: string, call: Call, domain = ''): Lowered {
  const axes = call.ints('dim') ?? [];
  return {
    type,
    domain,
    inputs: [call.tensor('self')],
    attributes: given({
      axes: axes.length > 0 ? ints(axes) : undefined,
      keepdims: int(Number(call.flag('keepdim'))),
    }),
  };
}

const reduction =
  (type: string, domain = ''): Lowering =>
  (call) =>
    reduced(type, call, domain);

/** With an axis there are two results, values and their positions; without one there is one number. */
const extreme =
  (elementwise: Lowering, whole: string): Lowering =>
  (call) => {
    if (call.node.outputs.length === 2) return reduced('extreme_with_index', call, 'aten');
    return elementwise(call) ?? reduced(whole, call);
  };

/** The 2-norm is a root of squares; others are composed of powers and keep as much. */
const norm: Lowering = (call) => {
  const order = call.constant('ord', call.constant('p', 2));
  return reduced(order === 1 ? 'ReduceL1' : 'ReduceL2', call);
};

/** Reductions and searches along axes. */
export const reductionCalls: LoweringTable = {
  sum: reduction('ReduceSum'),
  mean: reduction('ReduceMean'),
  amax: reduction('ReduceMax'),
  amin: reduction('ReduceMin'),
  max: extreme(extremes.max, 'ReduceMax'),
  min: extreme(extremes.min, 'ReduceMin'),
  prod: reduction('ReduceProd'),
  logsumexp: reduction('ReduceLogSumExp'),
  linalg_vector_norm: norm,
  norm,
  var: reduction('variance', 'aten'),
  var_mean: reduction('variance', 'aten'),
  std: reduction('deviation', 'aten'),
  std_mean: reduction('deviation', 'aten'),
  any: reduction('any', 'aten'),
  all: reduction('all', 'aten'),
  argmax: reduction('ArgMax'),
  argmin: reduction('ArgMin'),
  cumsum: (call) => ({ type: 'CumSum', inputs: [call.tensor('self')] }),
  cumprod: (call) => ({ type: 'CumProd', inputs: [call.tensor('self')] }),
  count_nonzero: asAten('any', 'self'),
};
