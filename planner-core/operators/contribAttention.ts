import { add, floorDivide, multiply, type Dim } from '../graph/dim';
import type { DType } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { larger } from './dims';
import { badAttribute, mismatch } from './inferenceProblem';
import { hasInput, scalarFrom } from './parts';
import type { InferenceContext, TensorFacts } from './rule';

type Facts = TensorFacts | undefined;

/**
 * Shapes of ONNX Runtime's attention operators. Source: ContribOperators.md of ONNX Runtime. Letters: b batch, s length of
 * the query, n heads, h size of a head.
 */

/** A head count of at least 1. Throws InferenceProblem where it is missing. */
function headCount(context: InferenceContext, name = 'num_heads'): number {
  const count = context.int(name);
  if (count === undefined || count < 1) throw badAttribute(`${name} is missing or not positive.`);
  return count;
}

function perHead(packed: Dim, heads: number): Dim {
  if (typeof packed === 'number' && packed % heads !== 0) {
    throw mismatch(`${packed} features do not fill ${heads} heads.`);
  }
  return floorDivide(packed, heads);
}

/** Shape of an input of a given rank; undefined when it is absent, unknown or of another rank. */
function shaped(context: InferenceContext, index: number, rank: number): Shape | undefined {
  const shape = context.input(index)?.shape;
  return shape?.length === rank ? shape : undefined;
}

/** [2, b, n, past + s, h]: keys and values of all steps so far, one behind the other. */
function stackedPresent(
  context: InferenceContext,
  x: Shape,
  hidden: Dim,
  pastIndex: number,
): Shape | undefined {
  const past = shaped(context, pastIndex, 5);
  if (context.int('past_present_share_buffer', 0)) return past;
  if (hasInput(context, pastIndex) && !past) return undefined;
  const heads = headCount(context);
  const length = past ? add(past[3], x[1]) : x[1];
  return [2, x[0], heads, length, perHead(hidden, heads)];
}

/** Projection to query, key and value (input 1: weight), then attention: [b, s, hidden of the values]. */
export function projectedFacts(
  context: InferenceContext,
  pastIndex: number,
  dtype: DType | undefined,
): Facts[] {
  const x = context.input(0)?.shape;
  const weight = shaped(context, 1, 2);
  if (!dtype) return [];
  if (!x || !weight) return [{ dtype }, { dtype }];
  const sizes = context.ints('qkv_hidden_sizes');
  if (sizes && sizes.length !== 3) throw badAttribute(`qkv_hidden_sizes has ${sizes.length} entries, not 3.`);
  const hidden = sizes?.[2] ?? floorDivide(weight[1], 3);
  const result = { dtype, shape: [...x.slice(0, -1), hidden] };
  return x.length === 3
    ? [result, { dtype, shape: stackedPresent(context, x, hidden, pastIndex) }]
    : [result];
}

interface KeysAndValues {
  readonly length: Dim;
  readonly keySize: Dim;
  readonly valueSize: Dim;
  /** They are the past themselves: nothing is added to them. */
  readonly areCached?: boolean;
}

/** What a multi-head attention attends to: packed with the query, packed with each other, apart, or already split. */
function keysAndValues(context: InferenceContext, heads: number): KeysAndValues | undefined {
  const packedQuery = shaped(context, 0, 5);
  if (packedQuery) {
    return { length: packedQuery[1], keySize: packedQuery[4], valueSize: packedQuery[4] };
  }
  const packed = shaped(context, 1, 5);
  if (packed) return { length: packed[1], keySize: packed[4], valueSize: packed[4] };
  const [key, value] = [shaped(context, 1, 3), shaped(context, 2, 3)];
  if (key && value) {
    return { length: key[1], keySize: perHead(key[2], heads), valueSize: perHead(value[2], heads) };
  }
  const [cachedKey, cachedValue] = [shaped(context, 1, 4), shaped(context, 2, 4)];
  if (!cachedKey || !cachedValue) return undefined;
  return { length: cachedKey[2], keySize: cachedKey[3], valueSize: cachedValue[3], areCached: true };
}

/** MultiHeadAttention: result, then keys and values of all steps so far as [b, n, length, h]. */
export function multiHeadFacts(context: InferenceContext, pastKey: number): Facts[] {
  const query = context.input(0);
  if (!query?.shape) return [query && { dtype: query.dtype }];
  const heads = headCount(context);
  const { dtype, shape } = query;
  if (shape.length !== 3 && shape.length !== 5) throw mismatch(`A query of rank ${shape.length}.`);
  const given = keysAndValues(context, heads);
  if (!given) {
    // Self-attention to the query alone, or keys and values of which nothing is known.
    return [
      { dtype, shape: hasInput(context, 1) ? [shape[0], shape[1], context.freshDim('hidden')] : shape },
    ];
  }
  const [past, pastValues] = [shaped(context, pastKey, 4), shaped(context, pastKey + 1, 4)];
  const isOpen = (hasInput(context, pastKey) && !past) || (hasInput(context, pastKey + 1) && !pastValues);
  const length = past && !given.areCached ? add(past[2], given.length) : given.length;
  const state = (size: Dim, cached: Shape | undefined): TensorFacts => ({
    dtype,
    shape: isOpen
      ? undefined
      : context.int('past_present_share_buffer', 0) && cached
        ? cached
        : [shape[0], heads, length, size],
  });
  return [
    { dtype, shape: [shape[0], shape[1], multiply(given.valueSize, heads)] },
    state(given.keySize, past),
    state(given.valueSize, pastValues),
    { dtype, shape: isOpen ? undefined : [shape[0], heads, shape[1], length] },
  ];
}

/** Size of one head of a query that may hold keys and values too. */
function groupedHeadSize(context: InferenceContext, hidden: Dim, heads: number): Dim {
  return perHead(hidden, hasInput(context, 1) ? heads : heads + 2 * headCount(context, 'kv_num_heads'));
}

/**
 * GroupQueryAttention and SparseAttention: result, then keys and values of all steps so far as [b, n of keys, length, h].
 * The past may be a buffer of the final length, which nothing in the file says: then only a known total decides.
 */
export function groupedFacts(context: InferenceContext, totalLength: number): Facts[] {
  const query = context.input(0);
  const cacheType = context.input(3)?.dtype ?? query?.dtype;
  if (!query || !cacheType) return [];
  const heads = headCount(context);
  const keyHeads = headCount(context, 'kv_num_heads');
  const shape = shaped(context, 0, 3);
  if (!shape) return [{ dtype: query.dtype }, { dtype: cacheType }, { dtype: cacheType }];
  const size = groupedHeadSize(context, shape[2], heads);
  const length = groupedLength(context, shape[1], totalLength);
  const cachedSize = shaped(context, 3, 4)?.[3] ?? size;
  const present = { dtype: cacheType, shape: [shape[0], keyHeads, length, cachedSize] };
  return [{ dtype: query.dtype, shape: [shape[0], shape[1], multiply(size, heads)] }, present, present];
}

function groupedLength(context: InferenceContext, queryLength: Dim, totalLength: number): Dim {
  const past = shaped(context, 3, 4);
  if (!hasInput(context, 3)) return shaped(context, 1, 3)?.[1] ?? queryLength;
  if (context.operator.type === 'SparseAttention' || context.int('sliding_window_cache', 0)) {
    return past?.[2] ?? context.freshDim('length');
  }
  const total = scalarFrom(context, totalLength);
  return past && total !== undefined ? larger(past[2], total) : context.freshDim('length');
}

/** Sequences without padding, one behind the other: [tokens, hidden]. */
export function packedTokenFacts(context: InferenceContext): Facts[] {
  const query = context.input(0);
  const shape = query?.shape;
  if (!query || !shape) return [query && { dtype: query.dtype }];
  // Query, key and value of each token and head together.
  if (shape.length === 4) return [{ dtype: query.dtype, shape: [shape[0], multiply(shape[1], shape[3])] }];
  const hidden = shaped(context, 2, 2)?.[1] ?? shape[1];
  return [{ dtype: query.dtype, shape: [shape[0], hidden] }];
}

/** PagedAttention: result [tokens, hidden], then the caches, written in place. */
export function pagedFacts(context: InferenceContext): Facts[] {
  const query = context.input(0);
  const shape = shaped(context, 0, 2);
  const heads = headCount(context);
  const caches = [3, 4].map((index): Facts => {
    const cache = context.input(index);
    return cache && { dtype: cache.dtype, shape: cache.shape };
  });
  if (!query) return [undefined, ...caches];
  if (!shape) return [{ dtype: query.dtype }, ...caches];
  const size = context.int('v_head_size') ?? groupedHeadSize(context, shape[1], heads);
  return [{ dtype: query.dtype, shape: [shape[0], multiply(size, heads)] }, ...caches];
}
