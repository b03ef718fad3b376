import type { DType } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { convolutionMacs, convolutionShape } from './convolution';
import { typeAttribute } from './generators';
import { matmulMacs, matmulShape } from './matmul';
import { span, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, StepContext } from './rule';

/**
 * Integer arithmetic of deployed models. No gradient flows through integers: quantization-aware training has one
 * fake-quantization operator in their place, which no export contains.
 */
const quantized = (rule: Omit<OperatorRule, 'differentiable'>): OperatorRule => ({
  ...rule,
  differentiable: false,
});

/** The type an attribute asks for; 0 leaves it to the other operands. */
const outputType = (context: InferenceContext): DType | undefined =>
  context.int('output_dtype', 0) === 0 ? undefined : typeAttribute(context, 'output_dtype', 'undefined');

const QuantizeLinear = quantized({
  infer(context) {
    const zeroPoint = context.input(2)?.dtype;
    const dtype = zeroPoint ?? outputType(context) ?? 'uint8';
    return [{ dtype, shape: context.input(0)?.shape }];
  },
});

const DequantizeLinear = quantized({
  infer(context) {
    const dtype = outputType(context) ?? context.input(1)?.dtype;
    return [dtype && { dtype, shape: context.input(0)?.shape }];
  },
});

/** Scale and zero point are computed from the range of the data. */
const DynamicQuantizeLinear = quantized({
  infer: (context) => [
    { dtype: 'uint8', shape: context.input(0)?.shape },
    { dtype: 'float32', shape: [] },
    { dtype: 'uint8', shape: [] },
  ],
});

/** Operands with scale and zero point each: a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero. */
const quantizedProduct = (
  shapeOf: (a: Shape, b: Shape) => Shape,
  macs: (context: StepContext) => number,
): OperatorRule =>
  quantized({
    infer(context) {
      const [a, b] = [context.input(0)?.shape, context.input(3)?.shape];
      const dtype = (context.input(7) ?? context.input(0))?.dtype;
      return [dtype && { dtype, shape: a && b && shapeOf(a, b) }];
    },
    macs,
  });

/** Quantization and products of quantized tensors. */
export const quantizationRules: RuleTable = {
  QuantizeLinear,
  DequantizeLinear,
  DynamicQuantizeLinear,
  QLinearMatMul: quantizedProduct(matmulShape, matmulMacs),
  QLinearConv: quantized({
    infer(context) {
      const dtype = (context.input(7) ?? context.input(0))?.dtype;
      return [dtype && { dtype, shape: convolutionShape(context, 3) }];
    },
    macs(context) {
      const weight = context.input(3);
      return weight ? (context.output(0)?.elements ?? 0) * span(weight, 1) : 0;
    },
  }),
  ConvInteger: quantized({
    infer: (context) => [{ dtype: 'int32', shape: convolutionShape(context) }],
    macs: convolutionMacs,
  }),
};
