import { add, multiply, type Dim } from '../graph/dim';
import type { DType } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { convolutionShape } from './convolution';
import { axesOf, axisOf, broadcast, unify } from './dims';
import { numbersOf } from './folding';
import { badAttribute, mismatch } from './inferenceProblem';
import { matmulShape, transposedIf } from './matmul';
import { likeInput, type RuleTable } from './parts';
import { quantizationRules } from './quantization';
import type { InferenceContext, OperatorRule, TensorFacts } from './rule';
import { slidingSizes, windowOf } from './window';

type Facts = TensorFacts | undefined;

/** No gradient flows through integers. */
const quantized = (infer: OperatorRule['infer']): OperatorRule => ({ differentiable: false, infer });

/** Shapes of some inputs; undefined unless all are known. */
function shapesOf(context: InferenceContext, indices: readonly number[]): readonly Shape[] | undefined {
  const shapes = indices.map((index) => context.input(index)?.shape);
  return shapes.every((shape) => shape !== undefined) ? (shapes as Shape[]) : undefined;
}

/** Operands at `indices` broadcast against each other; the type is that of input `typeFrom`, or given. */
const broadcasting = (indices: readonly number[], typeFrom: number | DType): OperatorRule =>
  quantized((context) => {
    const dtype = typeof typeFrom === 'number' ? context.input(typeFrom)?.dtype : typeFrom;
    const shapes = shapesOf(context, indices);
    return [dtype && { dtype, shape: shapes && broadcast(shapes) }];
  });

/** A matrix product of two inputs, perhaps transposed; the type is that of the first known of some inputs. */
const product = (a: number, b: number, typesFrom: readonly number[] | DType): OperatorRule =>
  quantized((context) => {
    const dtype =
      typeof typesFrom === 'string'
        ? typesFrom
        : typesFrom.map((index) => context.input(index)?.dtype).find((type) => type);
    const shapes = shapesOf(context, [a, b]);
    if (!shapes) return [dtype && { dtype }];
    const left = transposedIf(shapes[0], context.int('transA', 0) !== 0);
    const right = transposedIf(shapes[1], context.int('transB', 0) !== 0);
    return [dtype && { dtype, shape: matmulShape(left, right) }];
  });

/** Applies a rule for [n, channels, ...] to a tensor that may have its channels last. */
export function inChannelOrder(
  shape: Shape,
  channelsLast: boolean,
  spatialOf: (spatial: Shape) => Shape,
  channels: Dim,
): Shape {
  const spatial = spatialOf(channelsLast ? shape.slice(1, -1) : shape.slice(2));
  return channelsLast ? [shape[0], ...spatial, channels] : [shape[0], channels, ...spatial];
}

/** A pooling over windows, or over everything when `isGlobal`. */
const pooling = (isGlobal: boolean): OperatorRule =>
  quantized((context) => {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    if (x.shape.length < 3) throw mismatch(`Rank ${x.shape.length}: there is no spatial axis.`);
    const last = context.int('channels_last', 0) !== 0;
    const kernel = context.ints('kernel_shape');
    if (!isGlobal && !kernel) throw badAttribute('Attribute kernel_shape is missing.');
    const channels = last ? x.shape[x.shape.length - 1] : x.shape[1];
    const spatialOf = (spatial: Shape): Shape =>
      kernel && !isGlobal ? slidingSizes(spatial, windowOf(context, kernel)) : spatial.map(() => 1);
    return [{ dtype: x.dtype, shape: inChannelOrder(x.shape, last, spatialOf, channels) }];
  });

const QLinearConv = quantized((context) => {
  const x = context.input(0)?.shape;
  const weight = context.input(3)?.shape;
  const dtype = (context.input(7) ?? context.input(0))?.dtype;
  if (!dtype) return [];
  if (!context.int('channels_last', 0)) return [{ dtype, shape: convolutionShape(context, 3) }];
  if (!x || !weight) return [{ dtype }];
  if (x.length < 3 || weight.length !== x.length) throw mismatch(`Ranks ${x.length} and ${weight.length}.`);
  const spatialOf = (spatial: Shape): Shape => slidingSizes(spatial, windowOf(context, weight.slice(2)));
  return [{ dtype, shape: inChannelOrder(x, true, spatialOf, weight[0]) }];
});

/** Scale and zero point of the result, then a tensor with its scale and zero point each. */
const QLinearConcat = quantized((context) => {
  const dtype = context.input(1)?.dtype ?? context.input(2)?.dtype;
  const parts = context.operator.inputs.flatMap((_, i) => (i >= 2 && (i - 2) % 3 === 0 ? [i] : []));
  const shapes = shapesOf(context, parts);
  const wanted = context.int('axis');
  if (wanted === undefined) throw badAttribute('Attribute axis is missing.');
  if (!shapes || shapes.length === 0) return [dtype && { dtype }];
  const [first] = shapes;
  const axis = axisOf(wanted, first.length);
  const shape = first.map((dim, i): Dim => {
    if (shapes.some((other) => other.length !== first.length)) throw mismatch('The ranks differ.');
    const sizes = shapes.map((other) => other[i]);
    return i === axis ? sizes.reduce(add) : sizes.reduce((a, b) => unify(a, b, `Sizes of axis ${i}`), dim);
  });
  return [dtype && { dtype, shape }];
});

/** Reduction with axes as an attribute; input 0 gives the type unless it is fixed. */
const reduction = (fixed?: DType): OperatorRule =>
  quantized((context) => {
    const x = context.input(0);
    const dtype = fixed ?? x?.dtype;
    if (!x?.shape || !dtype) return [dtype && { dtype }];
    const keepsRank = context.int('keepdims', 1) !== 0;
    const axes = context.ints('axes') ?? x.shape.map((_, axis) => axis);
    const reduced = axesOf(axes, x.shape.length);
    const kept = x.shape.map((dim, axis): Dim | undefined =>
      reduced.includes(axis) ? (keepsRank ? 1 : undefined) : dim,
    );
    return [{ dtype, shape: kept.filter((dim) => dim !== undefined) }];
  });

/** Weights [directions, input, 4 * hidden]: transposed, unlike those of LSTM. */
const DynamicQuantizeLSTM = quantized((context): Facts[] => {
  const x = context.input(0);
  const weight = context.input(1)?.shape;
  const hidden = context.int('hidden_size');
  if (!x) return [];
  if (hidden === undefined || hidden < 1) throw badAttribute('hidden_size is missing or not positive.');
  if (x.shape?.length !== 3 || weight?.length !== 3) return [{ dtype: x.dtype }];
  const state = { dtype: x.dtype, shape: [weight[0], x.shape[1], hidden] };
  return [{ dtype: x.dtype, shape: [x.shape[0], weight[0], x.shape[1], hidden] }, state, state];
});

/** Rows picked from a table of few-bit numbers, as floats. Bytes hold two or more of them. */
const GatherBlockQuantized = quantized((context) => {
  const data = context.input(0);
  const indices = context.input(1)?.shape;
  const dtype = context.input(2)?.dtype;
  if (!data?.shape || !indices) return [dtype && { dtype }];
  const bits = context.int('bits', 4);
  if (![2, 4, 8].includes(bits)) throw badAttribute(`bits is ${bits}.`);
  const last = data.shape.length - 1;
  const perByte = data.dtype === 'uint8' ? 8 / bits : 1;
  const table = data.shape.map((dim, axis) => (axis === last ? multiply(dim, perByte) : dim));
  const axis = axisOf(context.int('gather_axis', 0), table.length);
  return [dtype && { dtype, shape: [...table.slice(0, axis), ...indices, ...table.slice(axis + 1)] }];
});

/** A weight of four-bit floats whose real shape is an input. */
const MatMulFpQ4 = quantized((context) => {
  const x = context.input(0);
  const shape = numbersOf(context.input(2));
  if (!x?.shape) return [x && { dtype: x.dtype }];
  const columns = shape?.length === 2 ? shape[1] : context.freshDim('columns');
  return [{ dtype: x.dtype, shape: [...x.shape.slice(0, -1), columns] }];
});

/** Word, segment and position tables in bytes; the result is in floats. */
const QEmbedLayerNormalization = quantized((context): Facts[] => {
  const ids = context.input(0)?.shape;
  const table = context.input(2)?.shape;
  return [
    { dtype: 'float32', shape: ids && table && [...ids, table[1]] },
    { dtype: 'int32', shape: ids && [ids[0]] },
  ];
});

const asType = (dtype: DType): OperatorRule =>
  quantized((context) => [{ dtype, shape: context.input(0)?.shape }]);

const likeFirst = quantized(likeInput());

/** ONNX Runtime's quantized operators. Source: ContribOperators.md of ONNX Runtime, and its shape inference. */
export const contribQuantizationRules: RuleTable = {
  QuantizeLinear: quantizationRules.QuantizeLinear,
  DequantizeLinear: quantizationRules.DequantizeLinear,
  QLinearAdd: broadcasting([0, 3], 0),
  QLinearMul: broadcasting([0, 3], 0),
  QLinearWhere: broadcasting([0, 1, 4], 1),
  MulInteger: broadcasting([0, 2], 'int32'),
  QLinearSigmoid: likeFirst,
  QLinearLeakyRelu: likeFirst,
  QLinearSoftmax: likeFirst,
  QLinearConcat,
  QLinearConv,
  QLinearAveragePool: pooling(false),
  QLinearGlobalAveragePool: pooling(true),
  QLinearReduceMean: reduction(),
  ReduceSumInteger: reduction('int32'),
  /** Without a scale of the result it stays in floats. */
  QGemm: quantized((context) => {
    const dtype = context.input(8)?.dtype ?? 'float32';
    return product(0, 3, dtype).infer(context);
  }),
  MatMulInteger16: product(0, 1, 'int32'),
  MatMulIntegerToFloat: product(0, 1, [2]),
  DynamicQuantizeMatMul: product(0, 1, [0]),
  QOrderedMatMul: product(0, 2, [0]),
  QOrderedGelu: likeFirst,
  QOrderedLayerNormalization: likeFirst,
  QuantizeWithOrder: asType('int8'),
  DequantizeWithOrder: asType('float32'),
  DynamicQuantizeLSTM,
  GatherBlockQuantized,
  MatMulFpQ4,
  QEmbedLayerNormalization,
};
