import { add, ceilDivide, equals, floorDivide, multiply, subtract, type Dim } from '../graph/dim';
import type { DType } from '../graph/dtype';
import type { Shape, Subgraph } from '../graph/modelGraph';
import { common, commonOf } from './commonFacts';
import { axisOf, dependsOnData, unify } from './dims';
import { folded } from './folding';
import { typeAttribute } from './generators';
import { badAttribute, mismatch } from './inferenceProblem';
import { hasInput, scalarFrom, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, SequenceFacts, TensorFacts } from './rule';

type Facts = TensorFacts | undefined;

/** Longer sequences are described by what their tensors have in common only. */
const maxItems = 256;

/** A sequence of known tensors. */
function sequenceOf(context: InferenceContext, dtype: DType, items: readonly Facts[]): TensorFacts {
  const length = items.length;
  const item = commonOf(context, items);
  return { dtype, sequence: length > maxItems ? { length, item } : { length, items, item } };
}

/** Element type of a sequence with what is known of it: nothing for one that is fed to the model. */
function sequenceInput(context: InferenceContext): { dtype: DType; sequence: SequenceFacts } | undefined {
  const facts = context.input(0);
  return facts && { dtype: facts.dtype, sequence: facts.sequence ?? { item: { dtype: facts.dtype } } };
}

/** Position of a tensor among `length` of them, counted from the front. */
function positionIn(position: number, length: number, last = length - 1): number {
  const counted = position < 0 ? position + length : position;
  if (!Number.isInteger(counted) || counted < 0 || counted > last) {
    throw mismatch(`Position ${position} in a sequence of ${length} tensors.`);
  }
  return counted;
}

/** The position an input gives, or `fallback` without that input; undefined when it is not known. */
const positionFrom = (context: InferenceContext, index: number, fallback: number): number | undefined =>
  hasInput(context, index) ? scalarFrom(context, index) : fallback;

const SequenceEmpty: OperatorRule = {
  differentiable: false,
  infer: (context) => [sequenceOf(context, typeAttribute(context, 'dtype', 'float32'), [])],
};

const SequenceConstruct: OperatorRule = {
  passesGradient: true,
  infer(context) {
    const items = context.operator.inputs.map((_, index) => context.input(index));
    const dtype = items.find((item) => item)?.dtype;
    return [dtype && sequenceOf(context, dtype, items)];
  },
};

/** One tensor of the sequence itself, not a copy. */
const SequenceAt: OperatorRule = {
  hostInputs: [1],
  passesGradient: true,
  infer(context) {
    const from = sequenceInput(context);
    if (!from) return [];
    const { items, item } = from.sequence;
    const position = scalarFrom(context, 1);
    if (items && position !== undefined) return [items[positionIn(position, items.length)]];
    return [item ?? { dtype: from.dtype }];
  },
};

const SequenceInsert: OperatorRule = {
  hostInputs: [2],
  passesGradient: true,
  infer(context) {
    const from = sequenceInput(context);
    const tensor = context.input(1);
    if (!from) return [tensor && { dtype: tensor.dtype, sequence: {} }];
    const { items, item, length } = from.sequence;
    if (tensor && tensor.dtype !== from.dtype) {
      throw mismatch(`A ${tensor.dtype} tensor in a sequence of ${from.dtype} tensors.`);
    }
    const position = positionFrom(context, 2, items?.length ?? 0);
    if (items && position !== undefined) {
      const at = positionIn(position, items.length, items.length);
      return [sequenceOf(context, from.dtype, [...items.slice(0, at), tensor, ...items.slice(at)])];
    }
    const shared = length === 0 ? tensor : common(context, item, tensor);
    const longer = length === undefined ? undefined : add(length, 1);
    return [{ dtype: from.dtype, sequence: { length: longer, item: shared } }];
  },
};

const SequenceErase: OperatorRule = {
  hostInputs: [1],
  passesGradient: true,
  infer(context) {
    const from = sequenceInput(context);
    if (!from) return [];
    const { items, item, length } = from.sequence;
    const position = positionFrom(context, 1, -1);
    if (items && position !== undefined) {
      const at = positionIn(position, items.length);
      return [
        sequenceOf(
          context,
          from.dtype,
          items.filter((_, i) => i !== at),
        ),
      ];
    }
    const shorter = length === undefined ? undefined : subtract(length, 1);
    return [{ dtype: from.dtype, sequence: { length: shorter, item } }];
  },
};

const SequenceLength: OperatorRule = {
  differentiable: false,
  shapeOnlyInputs: [0],
  infer(context) {
    const length = context.input(0)?.sequence?.length;
    return [{ dtype: 'int64', shape: [], elements: length === undefined ? undefined : [length] }];
  },
};

/** Pieces of an axis as a sequence: of one size (the last may be smaller), of given sizes, or of 1 without that axis. */
const SplitToSequence: OperatorRule = {
  hostInputs: [1],
  passesGradient: true,
  infer(context): Facts[] {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype, sequence: { item: { dtype: x.dtype } } }];
    const { dtype, shape } = x;
    const axis = axisOf(context.int('axis', 0), shape.length);
    const piece = (size: Dim): TensorFacts => ({
      dtype,
      shape: shape.map((dim, i) => (i === axis ? size : dim)),
    });
    const total = shape[axis];
    if (!hasInput(context, 1)) {
      const whole = piece(1);
      const squeezed = { dtype, shape: whole.shape!.filter((_, i) => i !== axis) };
      return [equalPieces(context, context.int('keepdims', 1) ? whole : squeezed, total)];
    }
    const split = context.input(1);
    const sizes = folded(split)?.elements;
    if (!sizes) {
      const length = split?.shape?.length === 1 ? split.shape[0] : undefined;
      return [{ dtype, sequence: { length, item: piece(context.freshDim('size')) } }];
    }
    if (split?.shape?.length !== 0) {
      unify(sizes.reduce<Dim>(add, 0), total, 'Sum of the pieces and size of the axis');
      return [sequenceOf(context, dtype, sizes.map(piece))];
    }
    const [size] = sizes;
    if (typeof size !== 'number') {
      return [{ dtype, sequence: { item: piece(context.freshDim('size')) } }];
    }
    if (size < 1) throw mismatch(`Pieces of ${size} elements.`);
    const count = ceilDivide(total, size);
    const isEven = equals(multiply(floorDivide(total, size), size), total);
    if (isEven) return [equalPieces(context, piece(size), count)];
    if (typeof total === 'number' && typeof count === 'number' && count <= maxItems) {
      const last = total - (count - 1) * size;
      const pieces = Array.from({ length: count }, (_, i) => piece(i === count - 1 ? last : size));
      return [sequenceOf(context, dtype, pieces)];
    }
    return [{ dtype, sequence: { length: count, item: piece(context.freshDim('size')) } }];
  },
};

function equalPieces(context: InferenceContext, item: TensorFacts, length: Dim): TensorFacts {
  if (typeof length !== 'number' || length > maxItems)
    return { dtype: item.dtype, sequence: { length, item } };
  return sequenceOf(context, item.dtype, new Array<Facts>(length).fill(item));
}

/** Joins the tensors along an axis they have, or along a new one. */
const ConcatFromSequence: OperatorRule = {
  passesGradient: true,
  infer(context) {
    const from = sequenceInput(context);
    if (!from) return [];
    const { items, item, length } = from.sequence;
    const wanted = context.int('axis');
    if (wanted === undefined) throw badAttribute('Attribute axis is missing.');
    const isNew = context.int('new_axis', 0) !== 0;
    if (!item?.shape) return [{ dtype: from.dtype }];
    const axis = axisOf(wanted, item.shape.length + (isNew ? 1 : 0));
    const size = isNew ? length : joinedSize(items, item.shape, length, axis);
    const joined = size ?? context.freshDim('size');
    const rest = item.shape.slice(isNew ? axis : axis + 1);
    return [{ dtype: from.dtype, shape: [...item.shape.slice(0, axis), joined, ...rest] }];
  },
};

function joinedSize(
  items: SequenceFacts['items'],
  shape: Shape,
  length: Dim | undefined,
  axis: number,
): Dim | undefined {
  const sizes = items?.map((item) => item?.shape?.[axis]);
  if (sizes?.every((size) => size !== undefined)) return (sizes as Dim[]).reduce(add, 0);
  return length === undefined || dependsOnData(shape[axis]) ? undefined : multiply(length, shape[axis]);
}

function bodyOf(context: InferenceContext): Subgraph {
  const body = context.attribute('body');
  if (body?.kind !== 'graph') throw badAttribute('Attribute body is not a graph.');
  return body.value;
}

/** Runs a body for every tensor of the first sequence; further inputs are sequences, or tensors given to every run. */
const SequenceMap: OperatorRule = {
  infer(context) {
    const body = bodyOf(context);
    const inputs = context.operator.inputs.map((_, index) => context.input(index));
    const from = sequenceInput(context);
    const rounds = from?.sequence.items?.map((_, i) =>
      context.inferSubgraph(
        body,
        inputs.map((facts) => (facts?.sequence ? facts.sequence.items?.[i] : facts)),
        true,
      ),
    );
    // The last inference is what the body's own tensors keep: it holds for every round.
    const whole = inputs.map((facts, i) => facts?.sequence?.item ?? (i === 0 ? from?.sequence.item : facts));
    const outputs = context.inferSubgraph(body, whole, rounds?.length === 0);
    return context.operator.outputs.map((_, position): Facts => {
      const facts = outputs[position];
      if (!facts) return undefined;
      if (rounds) {
        return sequenceOf(
          context,
          facts.dtype,
          rounds.map((round) => round[position]),
        );
      }
      const item = { dtype: facts.dtype, shape: facts.shape };
      return { dtype: facts.dtype, sequence: { length: from?.sequence.length, item } };
    });
  },
};

/** An optional counts as what it may hold. */
const held: OperatorRule = { passesGradient: true, infer: (context) => [context.input(0)] };

const OptionalHasElement: OperatorRule = {
  differentiable: false,
  shapeOnlyInputs: [0],
  infer: (context) => [{ dtype: 'bool', shape: [], elements: hasInput(context, 0) ? undefined : [0] }],
};

/**
 * Sequences and optionals. Source: ONNX operator documentation, Sequence and Optional operators (opsets 11 to 28). A
 * sequence holds its tensors themselves: it has no storage of its own.
 */
export const sequenceRules: RuleTable = {
  SequenceEmpty,
  SequenceConstruct,
  SequenceAt,
  SequenceInsert,
  SequenceErase,
  SequenceLength,
  SequenceMap,
  SplitToSequence,
  ConcatFromSequence,
  Optional: held,
  OptionalGetElement: held,
  OptionalHasElement,
};
