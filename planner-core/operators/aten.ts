import { floorDivide } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { axisOf } from './dims';
import { keepsInput, keepsOutput, likeInput, newStorage, type RuleTable } from './parts';
import { recurrentCalls } from './recurrent';
import { reparametrizationCalls } from './reparametrization';
import { shapeRules } from './shapeOps';
import { tracedCalls } from './tracedCalls';
import { matmulMacs, matmulShape, operandsKept, rowsCopied, transposedIf } from './matmul';

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
    copies: rowsCopied,
  },
  /** contiguous() and a view of it: a copy, whatever layout the input has. */
  contiguous_view: { ...shapeRules.Reshape, storage: () => newStorage },
  contiguous_squeeze: { ...shapeRules.Squeeze, storage: () => newStorage },
  ...recurrentCalls,
  ...reparametrizationCalls,
  ...tracedCalls,
  /** a · σ(b) of the two halves of its input along `axis`. */
  glu: {
    saves: keepsInput,
    infer(context) {
      const x = context.input(0);
      if (!x?.shape) return [x && { dtype: x.dtype }];
      const axis = axisOf(context.int('axis', 0), x.shape.length);
      return [{ dtype: x.dtype, shape: x.shape.map((dim, at) => (at === axis ? floorDivide(dim, 2) : dim)) }];
    },
  },
  /** The kernel of the CPU keeps an intermediate result beside the input; that of CUDA makes none. */
  log_sigmoid: {
    infer: likeInput(),
    saves: (context) => ({
      inputs: [0],
      extra: context.semantics === 'cpu' ? [{ name: 'buffer', bytes: context.output(0)?.bytes ?? 0 }] : [],
    }),
  },
  rsqrt: { infer: likeInput(), saves: keepsOutput, autocast: 'float' },
};
