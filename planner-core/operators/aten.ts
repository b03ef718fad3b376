import type { Shape } from '../graph/modelGraph';
import { keepsOutput, likeInput, newStorage, type RuleTable } from './parts';
import { recurrentCalls } from './recurrent';
import { shapeRules } from './shapeOps';
import { matmulMacs, matmulShape, operandsKept, transposedIf } from './matmul';

/**
 * PyTorch calls that ONNX has no operator for, recognised from what exporters make of them (domain 'aten'). Source of
 * what they keep: derivatives.yaml of PyTorch.
 */
export const atenRules: RuleTable = {
  /** x·W + b in one addmm; `transB` when the weight is stored as PyTorch does, [out, in]. Inputs of any rank. */
  linear: {
    autocast: 'half',
    infer(context) {
      const [x, weight] = [context.input(0), context.input(1)];
      if (!x) return [];
      const isTransposed = context.int('transB', 0) === 1;
      const shape: Shape | undefined =
        x.shape && weight?.shape && matmulShape(x.shape, transposedIf(weight.shape, isTransposed));
      return [{ dtype: x.dtype, shape }];
    },
    macs: matmulMacs,
    saves: operandsKept,
  },
  /** contiguous() and a view of it: a copy, whatever layout the input has. */
  contiguous_view: { ...shapeRules.Reshape, storage: () => newStorage },
  ...recurrentCalls,
  rsqrt: { infer: likeInput(), saves: keepsOutput, autocast: 'float' },
};
