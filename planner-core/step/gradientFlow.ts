import { contiguousStrides, isDense, viewStrides, type Strides } from '../graph/strides';
import type { ConcreteTensor } from '../operators/rule';
import type { ForwardRecord } from './draft';

/** How the gradient of one input comes about, and how it lies in memory. */
export interface GradientFlow {
  /** false: the buffer of the incoming gradient, or a view of it, is handed on. */
  readonly isNew: boolean;
  /** In elements, under the input's shape; zeros where one number is seen under several indices. */
  readonly strides: Strides;
  /** A view keeps its base alive: PyTorch never adds to it in place. */
  readonly isView: boolean;
}

/** A gradient on its way to an operator: its layout under the output's shape. */
export interface IncomingLayout {
  readonly strides: Strides;
  readonly isView: boolean;
}

/**
 * The gradient of input `index`, given that of the first output. Measured against PyTorch's backward formulas
 * (derivatives.yaml): views hand on views, Add hands on the buffer itself, Slice and Split fill a tensor of full size.
 */
export function gradientFlow(record: ForwardRecord, index: number, incoming: IncomingLayout): GradientFlow {
  const { context, kind, rule } = record;
  const { type } = context.operator;
  const input = context.input(index);
  const output = context.output(0);
  if (!input || !output)
    return { isNew: true, strides: contiguousStrides(input?.shape ?? []), isView: false };
  const handedOn = rule?.storage?.(context);
  if (kind === 'whole-view' || (handedOn?.kind === 'view' && handedOn.whole && kind === 'compute'))
    return throughView(record, input, output, incoming);
  if (kind === 'part-view') return fresh(input);
  if (rule?.passesGradient && type === 'Concat') return { isNew: false, ...incoming, isView: true };
  const isSame = input.elements === output.elements && input.dtype === output.dtype;
  if (rule?.passesGradient && isSame && !(type === 'Sub' && index === 1))
    return { isNew: false, strides: fitted(incoming.strides, input), isView: incoming.isView };
  if (type === 'ReduceSum' && input.dtype === output.dtype) {
    // An expanded view: every element of the input sees its sum's gradient.
    const strides = input.shape.map((size, axis) =>
      output.shape.length === input.shape.length && output.shape[axis] === size ? incoming.strides[axis] : 0,
    );
    return { isNew: false, strides, isView: true };
  }
  if (record.macs > 0) return product(record, index, input);
  return fresh(input);
}

/** Transposes and reshapes hand on a view of the gradient, a reshape a copy where the layout does not allow one. */
function throughView(
  { context: { operator } }: ForwardRecord,
  input: ConcreteTensor,
  output: ConcreteTensor,
  incoming: IncomingLayout,
): GradientFlow {
  if (operator.type === 'Transpose') {
    const attribute = operator.attributes.get('perm');
    const order =
      attribute?.kind === 'ints'
        ? attribute.value
        : input.shape.map((_, axis) => input.shape.length - 1 - axis);
    const strides = new Array<number>(input.shape.length);
    order.forEach((axis, position) => (strides[axis] = incoming.strides[position]));
    return { isNew: false, strides, isView: true };
  }
  if (
    input.shape.length === output.shape.length &&
    input.shape.every((size, axis) => size === output.shape[axis])
  )
    return { isNew: false, ...incoming };
  const strides = viewStrides(output.shape, incoming.strides, input.shape);
  return strides ? { isNew: false, strides, isView: true } : fresh(input);
}

/**
 * Products of tensors with leading axes run on matrices, so that the gradient is a view; so is that of a weight, which
 * torch.nn.Linear transposes.
 */
function product({ context }: ForwardRecord, index: number, input: ConcreteTensor): GradientFlow {
  const { type } = context.operator;
  const strides = contiguousStrides(input.shape);
  if (type.includes('Conv') || type.includes('Attention')) return { ...fresh(input), isNew: true };
  const isTransposed = index === 1 && input.role === 'parameter' && context.int('transB', 1) === 1;
  return { isNew: true, strides, isView: input.shape.length > 2 || isTransposed };
}

/** A new buffer in the layout of what it is the gradient of. */
function fresh({ shape, strides }: ConcreteTensor): GradientFlow {
  const layout = strides && isDense(shape, strides) ? strides : contiguousStrides(shape);
  return { isNew: true, strides: layout, isView: false };
}

const fitted = (strides: Strides, { shape }: ConcreteTensor): Strides =>
  strides.length === shape.length ? strides : contiguousStrides(shape);

/** One number seen under every index: the gradient of a sum. */
export const isExpanded = (strides: Strides): boolean =>
  strides.length > 0 && strides.every((stride) => stride === 0);
