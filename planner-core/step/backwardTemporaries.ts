import type { Strides } from '../graph/strides';
import type { StepContext } from '../operators/rule';
import type { ForwardRecord } from './draft';
import { isExpanded } from './gradientFlow';

/**
 * Tensors of the result's size that are alive at once while a backward formula of several calls is computed, the
 * gradients themselves included. Measured with PyTorch 2.13; formulas not listed run in one call.
 */
const formulaTensors: Readonly<Record<string, number>> = {
  Pow: 3,
  Sqrt: 2,
  rsqrt: 3,
  Reciprocal: 3,
  Erf: 5,
  Abs: 2,
  Sin: 2,
  Cos: 3,
  Tan: 3,
  Asin: 6,
  Acos: 6,
  Atan: 3,
  Sinh: 2,
  Cosh: 2,
  Asinh: 4,
  Acosh: 4,
  Atanh: 4,
  Softsign: 4,
  Max: 3.5,
  Min: 3.5,
};

/** The same for reductions, in tensors of the operand's size. */
const reductionTensors: Readonly<Record<string, number>> = {
  CumSum: 3,
  ReduceL1: 2,
  ReduceL2: 2,
  ReduceLogSumExp: 3,
  ReduceMax: 2.25,
  ReduceMin: 2.25,
  ReduceProd: 2.25,
  ReduceSumSquare: 3,
};

/** Types whose gradient for a broadcast operand is computed at full size and then summed. */
const summedAfterwards = new Set(['Mul', 'Div', 'Sub', 'Where', 'Pow', 'Max', 'Min', 'PRelu']);

/**
 * Bytes a backward pass needs beyond what it reads and the gradients it hands on.
 * @param wanted indices of the inputs a gradient is computed for.
 * @param newBytes of the gradients that get a storage.
 * @param strides of the incoming gradient.
 */
export function backwardTemporaryBytes(
  { context, macs }: ForwardRecord,
  wanted: readonly number[],
  newBytes: number,
  strides: Strides,
): number {
  const output = context.output(0);
  if (!output) return 0;
  const { type } = context.operator;
  const kernelBytes = kernelTemporaryBytes(context, wanted);
  // A matrix product or convolution reads its gradient from memory: one number seen everywhere is written out first.
  if (macs > 0) return kernelBytes + (isExpanded(strides) && output.elements > 1 ? output.bytes : 0);
  const isDenominator = type === 'Div' && wanted.includes(1);
  const tensors = isDenominator ? 4 : (formulaTensors[type] ?? 0);
  const reducedBytes = (reductionTensors[type] ?? 0) * (context.input(0)?.bytes ?? 0);
  const isSummed = wanted.some((index) => (context.input(index)?.elements ?? 0) < output.elements);
  return Math.max(
    kernelBytes,
    tensors * output.bytes - newBytes,
    reducedBytes - newBytes,
    isSummed && summedAfterwards.has(type) ? output.bytes : 0,
  );
}

/**
 * What CPU kernels of PyTorch 1 allocate inside, as measured: oneDNN computes a convolution's weight gradient in a
 * blocked layout and copies it (pointwise ones need none), grouped ones copy input and gradient too and pad every group
 * to whole blocks; batch normalization holds a product of its input's size. Of other releases and devices the inside
 * of a kernel is not counted.
 */
function kernelTemporaryBytes(context: StepContext, wanted: readonly number[]): number {
  if (context.semantics !== 'cpu' || context.pytorch?.major !== 1) return 0;
  const { type } = context.operator;
  if (type === 'Conv') return wanted.includes(1) ? convolutionTemporaryBytes(context) : 0;
  return type === 'BatchNormalization' ? (context.input(0)?.bytes ?? 0) : 0;
}

/** Largest kernel for which oneDNN 2 has a depthwise weight gradient of its own. */
const largestDepthwiseKernel = 3;
/** Channels of a block in oneDNN's layouts (AVX-512). */
const blockChannels = 16;

function convolutionTemporaryBytes(context: StepContext): number {
  const [x, weight, y] = [context.input(0), context.input(1), context.output(0)];
  if (!x || !weight || !y) return 0;
  const kernel = weight.shape.slice(2);
  if (kernel.every((size) => size === 1)) return 0;
  const groups = context.int('group', 1);
  if (groups === 1) return weight.bytes;
  const perGroup = [weight.shape[0] / groups, weight.shape[1]];
  const isDepthwise = perGroup.every((channels) => channels === 1);
  const hasOwnKernel = isDepthwise && kernel.every((size) => size <= largestDepthwiseKernel);
  const padded = (channels: number): number => blockChannels * Math.ceil(channels / blockChannels);
  const padding = hasOwnKernel
    ? 1
    : (padded(perGroup[0]) * padded(perGroup[1])) / (perGroup[0] * perGroup[1]);
  return x.bytes + y.bytes + (hasOwnKernel ? 0 : weight.bytes * padding);
}
