import { add, ceilDivide, subtract, type Dim } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { atLeastZero, axisOf, compareDims, isNonNegative, larger, smaller, unify } from './dims';
import { at, build, folded, numbersOf } from './folding';
import { badAttribute, mismatch } from './inferenceProblem';
import { freshShape, hasInput, intsFrom, likeInput, newStorage, partialView, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, TensorFacts } from './rule';

/** Picks slices along an axis. One index known as a number selects a view; a tensor of indices copies and is kept. */
const Gather: OperatorRule = {
  storage: (context) => (context.input(1)?.shape.length === 0 ? partialView(context) : newStorage),
  saves: (context) => (context.input(1)?.shape.length === 0 ? {} : { inputs: [1] }),
  infer(context) {
    const x = context.input(0);
    const indices = context.input(1);
    if (!x?.shape || !indices?.shape) return [x && { dtype: x.dtype }];
    const axis = axisOf(context.int('axis', 0), x.shape.length);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    const source = folded(x);
    const picked = folded(indices);
    const rank = indices.shape.length;
    const elements =
      source &&
      picked &&
      build(shape, (index) => {
        const choice = at(picked, index.slice(axis, axis + rank));
        const size = source.shape[axis];
        if (typeof choice !== 'number' || choice < -size || choice >= size) return undefined;
        const from = [
          ...index.slice(0, axis),
          choice < 0 ? choice + size : choice,
          ...index.slice(axis + rank),
        ];
        return at(source, from);
      });
    return [{ dtype: x.dtype, shape, elements }];
  },
};

/** torch.gather: keeps the index, and its input for the sizes. */
const GatherElements: OperatorRule = {
  saves: () => ({ inputs: [0, 1] }),
  infer(context) {
    const x = context.input(0);
    const indices = context.input(1)?.shape;
    if (x?.shape) axisOf(context.int('axis', 0), x.shape.length);
    if (x?.shape && indices && x.shape.length !== indices.length) {
      throw mismatch(`Indices of rank ${indices.length} for a tensor of rank ${x.shape.length}.`);
    }
    return [x && { dtype: x.dtype, shape: indices }];
  },
};

const GatherND: OperatorRule = {
  saves: () => ({ inputs: [1] }),
  infer(context) {
    const x = context.input(0);
    const indices = context.input(1)?.shape;
    if (!x?.shape || !indices) return [x && { dtype: x.dtype }];
    const batch = context.int('batch_dims', 0);
    const depth = indices[indices.length - 1];
    if (typeof depth !== 'number') return [{ dtype: x.dtype }];
    if (batch < 0 || batch + depth > x.shape.length || batch >= indices.length) {
      throw mismatch(`Indices of depth ${depth} after ${batch} batch axes exceed rank ${x.shape.length}.`);
    }
    return [{ dtype: x.dtype, shape: [...indices.slice(0, -1), ...x.shape.slice(batch + depth)] }];
  },
};

/** Start and length of one sliced axis, clamped to it as ONNX does; undefined when a bound may have either sign. */
function sliceBounds(dim: Dim, start: Dim, end: Dim, step: number): { from: Dim; size: Dim } | undefined {
  if (dim === 0) return { from: 0, size: 0 };
  const most = step > 0 ? dim : subtract(dim, 1);
  const clamp = (bound: Dim, least: number): Dim | undefined => {
    // INT_MAX and INT_MIN stand for "to the end".
    if (typeof bound === 'number' && Math.abs(bound) >= 2 ** 31 - 1) return bound > 0 ? most : least;
    const isNegative = compareDims(bound, 0) === -1;
    if (!isNegative && !isNonNegative(bound)) return undefined;
    return larger(smaller(isNegative ? add(bound, dim) : bound, most), least);
  };
  const from = clamp(start, 0);
  const to = clamp(end, step > 0 ? 0 : -1);
  if (from === undefined || to === undefined) return undefined;
  const distance = step > 0 ? subtract(to, from) : subtract(from, to);
  return { from, size: atLeastZero(ceilDivide(distance, Math.abs(step))) };
}

/** Per sliced axis: starts and ends (perhaps expressions) and steps; undefined when they are not known. */
function sliceArguments(
  context: InferenceContext,
):
  | { starts: readonly Dim[]; ends: readonly Dim[]; axes: readonly number[]; steps: readonly number[] }
  | undefined {
  const bounds = (index: number, attribute: string): readonly Dim[] | undefined =>
    hasInput(context, index) ? folded(context.input(index))?.elements : context.ints(attribute);
  const starts = bounds(1, 'starts');
  const ends = bounds(2, 'ends');
  const axes = intsFrom(context, 3, 'axes');
  const steps = intsFrom(context, 4, 'steps');
  if (!starts || !ends || axes === 'unknown' || steps === 'unknown') return undefined;
  return {
    starts,
    ends,
    axes: axes === 'absent' ? starts.map((_, axis) => axis) : axes,
    steps: steps === 'absent' ? starts.map(() => 1) : steps,
  };
}

/** A window with a step: a view, except that a negative step (flip) copies. */
const Slice: OperatorRule = {
  hostInputs: [1, 2, 3, 4],
  storage: (context) => (context.constant(4)?.some((step) => step < 0) ? newStorage : partialView(context)),
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const given = sliceArguments(context);
    if (!given) return [{ dtype: x.dtype, shape: openSlice(context, x.shape) }];
    const { starts, ends, axes, steps } = given;
    if (new Set([starts.length, ends.length, axes.length, steps.length]).size > 1) {
      throw badAttribute('starts, ends, axes and steps differ in length.');
    }
    const shape = [...x.shape];
    const from: Dim[] = shape.map(() => 0);
    const step = shape.map(() => 1);
    axes.forEach((wanted, i) => {
      const axis = axisOf(wanted, shape.length);
      if (steps[i] === 0) throw badAttribute('A step is 0.');
      const bounds = sliceBounds(shape[axis], starts[i], ends[i], steps[i]);
      shape[axis] = bounds?.size ?? context.freshDim('size');
      from[axis] = bounds?.from ?? 0;
      step[axis] = steps[i];
    });
    const source = folded(x);
    const origin = from.every((start) => typeof start === 'number') ? (from as number[]) : undefined;
    const elements =
      source &&
      origin &&
      build(shape, (index) =>
        at(
          source,
          index.map((i, axis) => origin[axis] + i * step[axis]),
        ),
      );
    return [{ dtype: x.dtype, shape, elements }];
  },
};

/** The sliced axes keep their place but not their size when the bounds are not known. */
function openSlice(context: InferenceContext, shape: Shape): Shape {
  const axes = intsFrom(context, 3, 'axes');
  const open = Array.isArray(axes) ? axes.map((axis: number) => axisOf(axis, shape.length)) : undefined;
  return shape.map((dim, axis) => (open && !open.includes(axis) ? dim : context.freshDim('size')));
}

/** Consecutive pieces of an axis, each a view. */
const Split: OperatorRule = {
  hostInputs: [1],
  passesGradient: true,
  storage: partialView,
  infer(context) {
    const x = context.input(0);
    const count = context.operator.outputs.length;
    if (!x?.shape) return context.operator.outputs.map(() => x && { dtype: x.dtype });
    const axis = axisOf(context.int('axis', 0), x.shape.length);
    const total = x.shape[axis];
    const sizes = splitSizes(context, total, count);
    let start: Dim = 0;
    const source = x.shape.length === 1 ? folded(x) : undefined;
    return sizes.map((size) => {
      const shape = x.shape!.map((dim, i) => (i === axis ? size : dim));
      const first = start;
      start = add(start, size);
      const elements =
        source && typeof first === 'number' ? build(shape, ([i]) => source.elements[first + i]) : undefined;
      return { dtype: x.dtype, shape, elements };
    });
  },
};

function splitSizes(context: InferenceContext, total: Dim, count: number): readonly Dim[] {
  const pieces = context.int('num_outputs', count);
  if (pieces !== count) throw badAttribute(`num_outputs is ${pieces} for ${count} outputs.`);
  const given = hasInput(context, 1) ? folded(context.input(1))?.elements : context.ints('split');
  if (given) {
    if (given.length !== count) throw badAttribute(`${given.length} sizes for ${count} pieces.`);
    unify(given.reduce<Dim>(add, 0), total, 'Sum of the pieces and size of the axis');
    return given;
  }
  if (hasInput(context, 1)) return freshShape(context, count);
  // Equal pieces; where they do not divide the axis, the last one is smaller.
  const piece = ceilDivide(total, count);
  const last = subtract(
    total,
    context.operator.outputs.slice(1).reduce<Dim>((sum) => add(sum, piece), 0),
  );
  const isUneven = context.opset < 18 && typeof last === 'number' && last !== piece;
  if (isUneven || (typeof last === 'number' && last < 0))
    throw mismatch(`${total} elements do not fill ${count} pieces.`);
  return context.operator.outputs.map((_, i) => (i === count - 1 ? last : piece));
}

/** A new storage; backward hands on views of the gradient. */
const Concat: OperatorRule = {
  passesGradient: true,
  infer(context) {
    const parts = context.operator.inputs.map((_, index) => context.input(index));
    const dtype = parts.find((part) => part)?.dtype;
    if (!dtype) return [];
    const shapes = parts.map((part) => part?.shape);
    const known = shapes.find((shape) => shape);
    if (!known) return [{ dtype }];
    const wanted = context.int('axis') ?? (context.opset < 4 ? 1 : undefined);
    if (wanted === undefined) throw badAttribute('Attribute axis is missing.');
    const axis = axisOf(wanted, known.length);
    const shape: Dim[] = [...known];
    shape[axis] = 0;
    for (const part of shapes) {
      if (part && part.length !== known.length)
        throw mismatch(`Ranks ${known.length} and ${part.length} differ.`);
      shape[axis] = add(shape[axis], part ? part[axis] : context.freshDim('size'));
      part?.forEach((dim, i) => {
        if (i !== axis) shape[i] = unify(shape[i], dim, `Sizes of axis ${i}`);
      });
    }
    const lists = parts.map((part) => (known.length === 1 ? folded(part)?.elements : undefined));
    const elements = lists.every((list) => list) ? lists.flatMap((list) => list!) : undefined;
    return [{ dtype, shape, elements: elements && build(shape, ([i]) => elements[i]) }];
  },
};

/** Constant padding keeps nothing; reflecting and repeating borders keep the input. */
const Pad: OperatorRule = {
  hostInputs: [1, 2, 3],
  nonDifferentiableInputs: [2],
  saves: (context) => ((context.string('mode') ?? 'constant') === 'constant' ? {} : { inputs: [0] }),
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const { shape } = x;
    const mode = context.string('mode') ?? 'constant';
    if (!['constant', 'reflect', 'edge', 'wrap'].includes(mode)) throw badAttribute(`mode is "${mode}".`);
    const pads = hasInput(context, 1)
      ? folded(context.input(1))?.elements
      : (context.ints('pads') ?? context.ints('paddings'));
    const axes = intsFrom(context, 3, 'axes');
    if (!pads || axes === 'unknown') return [{ dtype: x.dtype, shape: freshShape(context, shape.length) }];
    const padded =
      axes === 'absent' ? shape.map((_, axis) => axis) : axes.map((axis) => axisOf(axis, shape.length));
    if (pads.length !== 2 * padded.length)
      throw badAttribute(`${pads.length} pads for ${padded.length} axes.`);
    const result = [...shape];
    padded.forEach((axis, i) => {
      result[axis] = add(result[axis], add(pads[i], pads[i + padded.length]));
    });
    const source = shape.length === 1 && typeof pads[0] === 'number' ? folded(x) : undefined;
    const fill = hasInput(context, 2) ? folded(context.input(2))?.elements[0] : 0;
    const elements =
      source &&
      fill !== undefined &&
      paddedElements(context, result, source.elements, pads[0] as number, fill);
    return [{ dtype: x.dtype, shape: result, elements: elements || undefined }];
  },
};

/** Lists of pads are padded with zeros by exporters: that much is followed. */
function paddedElements(
  context: InferenceContext,
  shape: Shape,
  elements: readonly Dim[],
  before: number,
  fill: Dim,
): readonly Dim[] | undefined {
  if ((context.string('mode') ?? 'constant') !== 'constant') return undefined;
  return build(shape, ([i]) => elements[i - before] ?? fill);
}

/** Writes updates into a copy of the data. Sums keep the index only; products and extremes keep everything. */
const scatter = (infer: OperatorRule['infer']): OperatorRule => ({
  infer,
  saves: (context) =>
    ['mul', 'max', 'min'].includes(context.string('reduction') ?? 'none')
      ? { inputs: [0, 1, 2], outputs: [0] }
      : { inputs: [1] },
});

/** Writing single elements of a list of sizes is followed: exporters do it for in-place edits of shapes. */
const scatterList: OperatorRule['infer'] = (context) => {
  const x = context.input(0);
  if (!x) return [];
  const source = x.shape?.length === 1 ? folded(x) : undefined;
  const indices = numbersOf(context.input(1));
  const updates = folded(context.input(2))?.elements;
  const plain = (context.string('reduction') ?? 'none') === 'none';
  if (!source || !indices || !updates || !plain || updates.length !== indices.length)
    return likeInput()(context);
  const size = source.elements.length;
  const elements = [...source.elements];
  indices.forEach((index, i) => {
    if (index >= -size && index < size) elements[index < 0 ? index + size : index] = updates[i];
  });
  return [{ dtype: x.dtype, shape: x.shape, elements: build(x.shape, ([i]) => elements[i]) }];
};

/** Slices along an axis chosen by a mask: how many is known at run time only. */
const Compress: OperatorRule = {
  saves: () => ({ inputs: [1] }),
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    const mask = numbersOf(context.input(1));
    const chosen = mask?.filter((value) => value !== 0).length;
    const wanted = context.int('axis');
    const count = chosen ?? context.freshDim('count');
    if (wanted === undefined) return [{ dtype: x.dtype, shape: [count] }];
    if (!x.shape) return [{ dtype: x.dtype }];
    const axis = axisOf(wanted, x.shape.length);
    return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => (i === axis ? count : dim)) }];
  },
};

const OneHot: OperatorRule = {
  differentiable: false,
  hostInputs: [1, 2],
  infer(context) {
    const indices = context.input(0)?.shape;
    const dtype = context.input(2)?.dtype;
    if (!dtype || !indices) return [dtype && { dtype }];
    const depth: Dim = folded(context.input(1))?.elements[0] ?? context.freshDim('depth');
    const axis = axisOf(context.int('axis', -1), indices.length + 1);
    return [{ dtype, shape: [...indices.slice(0, axis), depth, ...indices.slice(axis)] }];
  },
};

/** Boxes that survive suppression, as rows of (batch, class, box). */
const NonMaxSuppression: OperatorRule = {
  differentiable: false,
  hostInputs: [2, 3, 4],
  infer: (context): (TensorFacts | undefined)[] => [
    { dtype: 'int64', shape: [context.freshDim('boxes'), 3] },
  ],
};

/** Picking, cutting and joining. What is picked by a tensor of indices keeps the indices. */
export const indexingRules: RuleTable = {
  Gather,
  GatherElements,
  GatherND,
  Slice,
  Split,
  Concat,
  Pad,
  Scatter: scatter(scatterList),
  ScatterElements: scatter(scatterList),
  ScatterND: scatter(scatterList),
  TensorScatter: scatter(likeInput()),
  Compress,
  OneHot,
  NonMaxSuppression,
};
