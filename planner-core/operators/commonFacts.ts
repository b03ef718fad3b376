import { equals } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import type { InferenceContext, SequenceFacts, TensorFacts } from './rule';

type Facts = TensorFacts | undefined;

/** What two alternatives have in common: sizes that differ depend on data. */
export function common(context: InferenceContext, a: Facts, b: Facts): Facts {
  if (!a || !b || a.dtype !== b.dtype) return undefined;
  if (a.sequence && b.sequence) {
    return { dtype: a.dtype, sequence: commonSequence(context, a.sequence, b.sequence) };
  }
  if (!a.shape || a.shape.length !== b.shape?.length) return { dtype: a.dtype };
  const other = b.shape;
  const shape: Shape = a.shape.map((dim, axis) =>
    equals(dim, other[axis]) ? dim : context.freshDim('size'),
  );
  const same = a.elements && b.elements?.length === a.elements.length;
  const elements = same && a.elements!.every((e, i) => equals(e, b.elements![i])) ? a.elements : undefined;
  return { dtype: a.dtype, shape, elements };
}

/** What all of several tensors have in common; undefined for none. */
export function commonOf(context: InferenceContext, all: readonly Facts[]): Facts {
  const [first, ...rest] = all;
  return rest.reduce((shared, facts) => common(context, shared, facts), first);
}

/** Tensors one by one stay known only where both alternatives hold as many. */
function commonSequence(context: InferenceContext, a: SequenceFacts, b: SequenceFacts): SequenceFacts {
  const sameLength = a.length !== undefined && b.length !== undefined && equals(a.length, b.length);
  const items =
    a.items && b.items && a.items.length === b.items.length
      ? a.items.map((item, i) => common(context, item, b.items![i]))
      : undefined;
  return { length: sameLength ? a.length : undefined, items, item: commonItem(context, a, b) };
}

/** An empty sequence has no tensor that could differ. */
export function commonItem(context: InferenceContext, a: SequenceFacts, b: SequenceFacts): Facts {
  if (a.length === 0) return b.item;
  return b.length === 0 ? a.item : common(context, a.item, b.item);
}
