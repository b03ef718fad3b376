import { add, dimText, floorDivide, multiply, type Dim } from '../graph/dim';
import { bytesOf, type DType } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { contiguousStrides, isDense, viewStrides } from '../graph/strides';
import { badAttribute, mismatch } from './inferenceProblem';
import { floats, hasInput, likeInput, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, Saved, StepContext, TensorFacts } from './rule';

/** [batch, heads, length, head size] of a query, key or value given as 4-D, or 3-D with its heads in an attribute. */
function headShape(context: InferenceContext, shape: Shape, heads: string): Shape {
  if (shape.length === 4) return shape;
  const count = context.int(heads);
  if (shape.length !== 3 || !count) throw badAttribute(`A tensor of rank ${shape.length} needs ${heads}.`);
  if (count < 1 || (typeof shape[2] === 'number' && shape[2] % count !== 0)) {
    throw badAttribute(`${heads} is ${count} for ${dimText(shape[2])} features.`);
  }
  return [shape[0], count, shape[1], floorDivide(shape[2], count)];
}

const withPast = (length: Dim, past: Shape | undefined): Dim => {
  if (past && past.length !== 4) throw mismatch(`Past keys or values of rank ${past.length}.`);
  return past ? add(length, past[2]) : length;
};

/** ONNX Attention (opset 23): result, present key and value, and the scores where they are asked for. */
function infer(context: InferenceContext): (TensorFacts | undefined)[] {
  const [query, key, value] = [0, 1, 2].map((index) => context.input(index));
  if (!query?.shape || !key?.shape || !value?.shape) return [query && { dtype: query.dtype }];
  const q = headShape(context, query.shape, 'q_num_heads');
  const k = headShape(context, key.shape, 'kv_num_heads');
  const v = headShape(context, value.shape, 'kv_num_heads');
  const result = query.shape.length === 4 ? [q[0], q[1], q[2], v[3]] : [q[0], q[2], multiply(q[1], v[3])];
  const pastKey = context.input(4)?.shape;
  const pastValue = context.input(5)?.shape;
  if ((hasInput(context, 4) && !pastKey) || (hasInput(context, 5) && !pastValue)) {
    return [{ dtype: query.dtype, shape: result }];
  }
  const total = withPast(k[2], pastKey);
  return [
    { dtype: query.dtype, shape: result },
    { dtype: key.dtype, shape: [k[0], k[1], total, k[3]] },
    { dtype: value.dtype, shape: [v[0], v[1], withPast(v[2], pastValue), v[3]] },
    { dtype: query.dtype, shape: [q[0], q[1], q[2], total] },
  ];
}

interface AttentionSizes {
  /** Query rows over all samples and heads. */
  readonly rows: number;
  readonly keys: number;
  readonly queryHeadSize: number;
  readonly valueHeadSize: number;
}

function sizesOf(context: StepContext): AttentionSizes {
  const [q, k, v] = [0, 1, 2].map((index) => context.input(index)?.shape ?? []);
  const past = context.input(4)?.shape[2] ?? 0;
  if (q.length === 4 && k.length === 4 && v.length === 4) {
    const rows = q[0] * q[1] * q[2];
    return { rows, keys: k[2] + past, queryHeadSize: q[3], valueHeadSize: v[3] };
  }
  const heads = context.int('q_num_heads', 0);
  const keyHeads = context.int('kv_num_heads', 0);
  if (q.length !== 3 || k.length !== 3 || v.length !== 3 || heads < 1 || keyHeads < 1) {
    return { rows: 0, keys: 0, queryHeadSize: 0, valueHeadSize: 0 };
  }
  const rows = q[0] * heads * q[1];
  return { rows, keys: k[1] + past, queryHeadSize: q[2] / heads, valueHeadSize: v[2] / keyHeads };
}

/** Query times key, and probabilities times value; a causal mask saves nothing in this count. */
const macs = (context: StepContext): number => {
  const { rows, keys, queryHeadSize, valueHeadSize } = sizesOf(context);
  return rows * keys * (queryHeadSize + valueHeadSize);
};

/** The probability that the call drops weights with. */
function dropoutOf({ operator, dropout }: StepContext): number {
  const attribute = operator.attributes.get('dropout_p');
  return dropout !== 'none' && attribute?.kind === 'float' ? attribute.value : 0;
}

/**
 * On the CPU no fused kernel drops weights or has a gradient of the mask. Source: check_for_dropout and
 * check_requires_grad_and_mask in sdp_utils_cpp.h.
 */
const isComposed = (context: StepContext): boolean =>
  context.attention === 'math' ||
  (context.semantics === 'cpu' && (dropoutOf(context) > 0 || context.needsGradient(3)));

/** The composed form computes half types in fp32. Source: _scaled_dot_product_attention_math. */
const composedBytes = (dtype: DType, elements: number): number =>
  bytesOf(dtype === 'bfloat16' || dtype === 'float16' ? 'float32' : dtype, elements);

/**
 * Fused kernels keep query, key, value, result and one number a row (logsumexp). The composed form keeps scaled copies
 * of query and key, the probabilities, with dropout its noise and what it leaves of them, and the value as the batched
 * product reads it. Source: scaled_dot_product_attention in PyTorch 2.
 */
function saves(context: StepContext): Saved {
  const { rows, keys } = sizesOf(context);
  const mask = context.needsGradient(3) || context.attention !== 'math' ? [3] : [];
  if (!isComposed(context)) {
    return { inputs: [0, 1, 2, ...mask], outputs: [0], extra: [floats('logsumexp', rows)] };
  }
  const [q, k] = [0, 1].map((index) => context.input(index));
  const probabilities = q ? composedBytes(q.dtype, rows * keys) : 0;
  const scaled = [q, k].reduce((sum, one) => sum + (one ? composedBytes(one.dtype, one.elements) : 0), 0);
  const isDropping = dropoutOf(context) > 0;
  const noise = context.semantics === 'cuda' ? bytesOf('bool', rows * keys) : probabilities;
  return {
    inputs: [2],
    extra: [
      { name: 'scaled query and key', bytes: scaled },
      { name: 'probabilities', bytes: probabilities },
      { name: 'noise', bytes: isDropping ? noise : 0 },
      { name: 'remaining probabilities', bytes: isDropping ? probabilities : 0 },
    ],
  };
}

/** The composed form's second product copies values it converts, or whose heads cannot be merged by a view. */
function copies(context: StepContext): readonly { input: number; bytes: number }[] {
  const value = context.input(2);
  if (!value || !isComposed(context) || value.shape.length !== 4) return [];
  const [batch, heads, length, size] = value.shape;
  const strides = value.strides ?? contiguousStrides(value.shape);
  const isMerged = viewStrides(value.shape, strides, [batch * heads, length, size]) !== undefined;
  const bytes = composedBytes(value.dtype, value.elements);
  return isMerged && bytes === value.bytes ? [] : [{ input: 2, bytes }];
}

/** Fused kernels lay the result out like the query where that is dense, else as [batch, length, heads, head size]. */
function resultStrides(context: StepContext): readonly number[] | undefined {
  const [query, result] = [context.input(0), context.output(0)];
  if (isComposed(context) || result?.shape.length !== 4) return undefined;
  const isAlike = query?.strides && query.shape.every((size, axis) => size === result.shape[axis]);
  if (isAlike && isDense(query.shape, query.strides)) return query.strides;
  const [, heads, length, size] = result.shape;
  return [length * heads * size, size, heads * size, 1];
}

const Attention: OperatorRule = {
  autocast: 'half',
  random: (context) => dropoutOf(context) > 0,
  infer,
  macs,
  saves,
  copies,
  resultStrides,
};

/** Rotates pairs of features by position: only the angles are kept, the rotation is linear in its input. */
export const RotaryEmbedding: OperatorRule = {
  // Cosines and sines, after the positions or before them.
  tableInputs: [1, 2, 3],
  nonDifferentiableInputs: [1, 2, 3],
  infer(context) {
    const rank = context.input(0)?.shape?.length;
    if (rank !== undefined && rank !== 3 && rank !== 4)
      throw mismatch(`Rank ${rank} where 3 or 4 is needed.`);
    return likeInput()(context);
  },
  saves: () => ({ inputs: [1, 2, 3] }),
};

/** Attention and what belongs to it. */
export const attentionRules: RuleTable = { Attention, RotaryEmbedding };
