import { dimText, floorDivide, multiply, product, type Dim } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { axesOf, axisOf, broadcast, remainingDim, shapeText } from './dims';
import { at, build, folded, numbersOf } from './folding';
import { badAttribute, mismatch } from './inferenceProblem';
import {
  freshShape,
  hasInput,
  intsFrom,
  lengthOf,
  likeInput,
  scalarFrom,
  wholeView,
  type RuleTable,
} from './parts';
import type { InferenceContext, OperatorRule, TensorFacts } from './rule';

/** The same elements in the same order under another shape: a view, nothing kept. */
function reshaping(
  shapeOf: (context: InferenceContext, input: TensorFacts & { shape: Shape }) => Shape | undefined,
  traits: Partial<OperatorRule> = {},
): OperatorRule {
  return {
    passesGradient: true,
    storage: wholeView,
    infer(context) {
      const input = context.input(0);
      if (!input) return [];
      const shape = input.shape && shapeOf(context, { ...input, shape: input.shape });
      return [{ dtype: input.dtype, shape, elements: input.elements }];
    },
    ...traits,
  };
}

/** ONNX Reshape: 0 copies a size (unless allowzero), -1 takes what is left. */
function reshapedTo(context: InferenceContext, input: Shape, target: readonly Dim[]): Shape {
  const copiesZero = context.int('allowzero', 0) === 0;
  const shape = target.map((dim, axis) => {
    if (dim !== 0 || !copiesZero) return dim;
    if (axis >= input.length)
      throw mismatch(`Size 0 at axis ${axis} copies nothing from ${shapeText(input)}.`);
    return input[axis];
  });
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const others = shape.filter((_, axis) => axis !== open);
    if (others.includes(-1)) throw mismatch('More than one size is -1.');
    shape[open] = remainingDim(input, others) ?? context.freshDim('size');
    return shape;
  }
  const before = product(input);
  const after = product(shape);
  if (typeof before === 'number' && typeof after === 'number' && before !== after) {
    throw mismatch(`${shapeText(input)} cannot be seen as ${shapeText(shape)}.`);
  }
  return shape;
}

function reshapeTarget(context: InferenceContext): readonly Dim[] | undefined {
  return hasInput(context, 1) ? folded(context.input(1))?.elements : context.ints('shape');
}

const Reshape: OperatorRule = {
  passesGradient: true,
  hostInputs: [1],
  storage: wholeView,
  infer(context) {
    const input = context.input(0);
    const target = reshapeTarget(context);
    if (!input) return [];
    if (input.shape && target) {
      const shape = reshapedTo(context, input.shape, target);
      return [{ dtype: input.dtype, shape, elements: input.elements }];
    }
    const rank = target?.length ?? lengthOf(context.input(1));
    return [{ dtype: input.dtype, shape: rank === undefined ? undefined : freshShape(context, rank) }];
  },
};

const Flatten = reshaping((context, { shape }) => {
  const wanted = context.int('axis', 1);
  const axis = wanted === shape.length ? wanted : axisOf(wanted, shape.length);
  return [product(shape.slice(0, axis)), product(shape.slice(axis))];
});

const Squeeze = reshaping(
  (context, { shape }) => {
    const axes = intsFrom(context, 1, 'axes');
    if (axes === 'unknown') {
      const removed = lengthOf(context.input(1));
      return removed === undefined ? undefined : freshShape(context, Math.max(shape.length - removed, 0));
    }
    if (axes === 'absent') {
      // Which sizes are 1 decides the rank, so all of them have to be known.
      return shape.every((dim) => typeof dim === 'number') ? shape.filter((dim) => dim !== 1) : undefined;
    }
    const removed = axesOf(axes, shape.length);
    for (const axis of removed) {
      const dim = shape[axis];
      if (typeof dim === 'number' && dim !== 1)
        throw mismatch(`Axis ${axis} of ${shapeText(shape)} is not 1.`);
    }
    return shape.filter((_, axis) => !removed.includes(axis));
  },
  { hostInputs: [1] },
);

const Unsqueeze = reshaping(
  (context, { shape }) => {
    const axes = intsFrom(context, 1, 'axes');
    if (axes === 'absent') throw badAttribute('Attribute axes is missing.');
    if (axes === 'unknown') {
      const added = lengthOf(context.input(1));
      return added === undefined ? undefined : freshShape(context, shape.length + added);
    }
    const rank = shape.length + axes.length;
    const inserted = new Set(axesOf(axes, rank));
    let next = 0;
    return Array.from({ length: rank }, (_, axis) => (inserted.has(axis) ? 1 : shape[next++]));
  },
  { hostInputs: [1] },
);

const Transpose: OperatorRule = {
  passesGradient: true,
  storage: wholeView,
  infer(context) {
    const input = context.input(0);
    if (!input?.shape) return [input && { dtype: input.dtype }];
    const { shape } = input;
    const order = context.ints('perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
    if (order.length !== shape.length) {
      throw badAttribute(`perm orders ${order.length} axes of a tensor of rank ${shape.length}.`);
    }
    if (order.some((axis) => axis < 0)) throw badAttribute('perm has negative entries.');
    const axes = axesOf(order, shape.length);
    const result = axes.map((axis) => shape[axis]);
    const source = folded(input);
    const elements =
      source &&
      build(result, (index) => {
        const from: number[] = [];
        axes.forEach((axis, position) => (from[axis] = index[position]));
        return at(source, from);
      });
    return [{ dtype: input.dtype, shape: result, elements }];
  },
};

/** A view with stride 0 along the new sizes: no memory, but it keeps the storage alive. */
const Expand: OperatorRule = {
  hostInputs: [1],
  storage: wholeView,
  infer(context) {
    const input = context.input(0);
    if (!input) return [];
    const target = folded(context.input(1))?.elements;
    if (!input.shape || !target) {
      const rank = lengthOf(context.input(1));
      if (!input.shape || rank === undefined) return [{ dtype: input.dtype }];
      return [{ dtype: input.dtype, shape: freshShape(context, Math.max(rank, input.shape.length)) }];
    }
    // torch.Tensor.expand writes -1 for "as it is"; exporters pass it on.
    const sizes = target.map((dim) => (dim === -1 ? 1 : dim));
    const shape = broadcast([input.shape, sizes]);
    const source = folded(input);
    return [{ dtype: input.dtype, shape, elements: source && build(shape, (index) => at(source, index)) }];
  },
};

const Tile: OperatorRule = {
  hostInputs: [1],
  infer(context) {
    const input = context.input(0);
    const repeats = folded(context.input(1))?.elements;
    if (!input?.shape) return [input && { dtype: input.dtype }];
    if (!repeats) return [{ dtype: input.dtype, shape: freshShape(context, input.shape.length) }];
    if (context.opset < 6)
      return [{ dtype: input.dtype, shape: tiledAlongAxis(context, input.shape, repeats) }];
    if (repeats.length !== input.shape.length) {
      throw mismatch(`${repeats.length} repeats for a tensor of rank ${input.shape.length}.`);
    }
    const shape = input.shape.map((dim, axis) => multiply(dim, repeats[axis]));
    const source = folded(input);
    const elements =
      source &&
      build(shape, (index) =>
        at(
          source,
          index.map((i, axis) => i % source.shape[axis]),
        ),
      );
    return [{ dtype: input.dtype, shape, elements }];
  },
};

/** Before opset 6 input 1 was a number of repeats along the axis that input 2 gave. */
function tiledAlongAxis(context: InferenceContext, shape: Shape, [repeats]: readonly Dim[]): Shape {
  const wanted = scalarFrom(context, 2);
  if (wanted === undefined || repeats === undefined) return freshShape(context, shape.length);
  const axis = axisOf(wanted, shape.length);
  return shape.map((dim, i) => (i === axis ? multiply(dim, repeats) : dim));
}

/** Moves blocks between the channel axis and the two spatial axes: a copy. */
function blocks(direction: 'toSpace' | 'toDepth'): OperatorRule {
  return {
    infer(context) {
      const input = context.input(0);
      const size = context.int('blocksize');
      if (!input?.shape) return [input && { dtype: input.dtype }];
      if (!size || size < 1) throw badAttribute('Attribute blocksize is missing or not positive.');
      if (input.shape.length !== 4) throw mismatch(`Rank ${input.shape.length} where 4 is needed.`);
      const [n, c, h, w] = input.shape;
      const divided = direction === 'toSpace' ? [c] : [h, w];
      const divisor = direction === 'toSpace' ? size * size : size;
      if (divided.some((dim) => typeof dim === 'number' && dim % divisor !== 0)) {
        throw mismatch(`${shapeText(input.shape)} does not hold whole blocks of ${size}.`);
      }
      const shape =
        direction === 'toSpace'
          ? [n, floorDivide(c, size * size), multiply(h, size), multiply(w, size)]
          : [n, multiply(c, size * size), floorDivide(h, size), floorDivide(w, size)];
      return [{ dtype: input.dtype, shape }];
    },
  };
}

/** Crops or pads the given axes, evenly on both sides, to the sizes that input 1 gives. */
const CenterCropPad: OperatorRule = {
  hostInputs: [1],
  infer(context) {
    const input = context.input(0);
    if (!input?.shape) return [input && { dtype: input.dtype }];
    const { shape } = input;
    const axes = axesOf(context.ints('axes') ?? shape.map((_, axis) => axis), shape.length);
    const sizes = folded(context.input(1))?.elements;
    if (sizes && sizes.length !== axes.length)
      throw mismatch(`${sizes.length} sizes for ${axes.length} axes.`);
    const result = shape.map((dim, axis) => {
      const position = axes.indexOf(axis);
      return position < 0 ? dim : (sizes?.[position] ?? context.freshDim('size'));
    });
    return [{ dtype: input.dtype, shape: result }];
  },
};

/** Sums blocks of columns back into an image. */
const Col2Im: OperatorRule = {
  hostInputs: [1, 2],
  infer(context) {
    const input = context.input(0);
    const image = numbersOf(context.input(1));
    const block = numbersOf(context.input(2));
    if (!input?.shape) return [input && { dtype: input.dtype }];
    if (!image || !block) {
      const axes = image?.length ?? lengthOf(context.input(1)) ?? lengthOf(context.input(2));
      if (axes === undefined) return [{ dtype: input.dtype }];
      return [{ dtype: input.dtype, shape: [input.shape[0], ...freshShape(context, axes + 1)] }];
    }
    if (input.shape.length !== 3) throw mismatch(`Rank ${input.shape.length} where 3 is needed.`);
    const area = block.reduce((area, size) => area * size, 1);
    const rows = input.shape[1];
    if (area < 1 || (typeof rows === 'number' && rows % area !== 0)) {
      throw mismatch(`${dimText(rows)} rows do not hold whole blocks of ${area} elements.`);
    }
    const channels = floorDivide(rows, area);
    return [{ dtype: input.dtype, shape: [input.shape[0], channels, ...image] }];
  },
};

/** Rearranging what is there: views where a stride can express it, copies otherwise. Nothing is kept for backward. */
export const shapeRules: RuleTable = {
  /** Of anything, sequences included. */
  Identity: { passesGradient: true, storage: wholeView, infer: (context) => [context.input(0)] },
  Reshape,
  Flatten,
  Squeeze,
  Unsqueeze,
  Transpose,
  Expand,
  Tile,
  DepthToSpace: blocks('toSpace'),
  SpaceToDepth: blocks('toDepth'),
  CenterCropPad,
  Col2Im,
  /** A copy with zeros above or below a diagonal. */
  Trilu: { infer: likeInput(), hostInputs: [1] },
  ReverseSequence: { infer: likeInput(), hostInputs: [1] },
};
