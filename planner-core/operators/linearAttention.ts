import { floorDivide, multiply, subtract, type Dim } from '../graph/dim';
import { isFloat } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { typeAttribute } from './generators';
import { unify } from './dims';
import { badAttribute, mismatch } from './inferenceProblem';
import { floats, span, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, StepContext, TensorFacts } from './rule';

type Facts = TensorFacts | undefined;

/** Rank-3 shape of an input; undefined when nothing is known. Throws InferenceProblem for another rank. */
function rank3(context: InferenceContext, index: number): Shape | undefined {
  const shape = context.input(index)?.shape;
  if (shape && shape.length !== 3) throw mismatch(`Rank ${shape.length} where 3 is needed.`);
  return shape;
}

function heads(context: InferenceContext, name: string): number {
  const count = context.int(name);
  if (count === undefined || count < 1) throw badAttribute(`${name} is missing or not positive.`);
  return count;
}

/** What each of `count` heads gets of a packed axis. */
function perHead(packed: Dim, count: number): Dim {
  if (typeof packed === 'number' && packed % count !== 0) {
    throw mismatch(`${packed} features do not fill ${count} heads.`);
  }
  return floorDivide(packed, count);
}

const updateRules = ['linear', 'gated', 'delta', 'gated_delta'];

/**
 * Attention whose memory of the past is one matrix a head, [key size, value size], updated at every step. Query, key and
 * value are packed: [batch, length, heads * size].
 */
const LinearAttention: OperatorRule = {
  autocast: 'half',
  infer(context): Facts[] {
    const rule = context.string('update_rule') ?? 'gated_delta';
    if (!updateRules.includes(rule)) throw badAttribute(`update_rule is "${rule}".`);
    const queryHeads = heads(context, 'q_num_heads');
    const valueHeads = heads(context, 'kv_num_heads');
    // ONNX Runtime also allows more heads of keys and values than of queries.
    const resultHeads = Math.max(queryHeads, valueHeads);
    if (resultHeads % Math.min(queryHeads, valueHeads) !== 0) {
      throw badAttribute(`${queryHeads} query heads cannot share ${valueHeads} heads of keys and values.`);
    }
    const window = context.int('state_window', 0);
    if (window < 0) throw badAttribute('state_window is negative.');
    const query = context.input(0);
    const past = context.input(3);
    const [q, k, v] = [0, 1, 2].map((index) => rank3(context, index));
    const stateType = past?.dtype ?? query?.dtype;
    if (!query || !q || !v) return [query && { dtype: query.dtype }, stateType && { dtype: stateType }];
    const valueSize = perHead(v[2], valueHeads);
    const keySize = k ? perHead(k[2], valueHeads) : perHead(q[2], queryHeads);
    unify(keySize, perHead(q[2], queryHeads), 'Sizes of a query head and a key head');
    return [
      { dtype: query.dtype, shape: [q[0], q[1], multiply(valueSize, resultHeads)] },
      stateType && {
        dtype: stateType,
        shape: [...(window > 0 ? [window] : []), q[0], valueHeads, keySize, valueSize],
      },
    ];
  },
  /** Every step writes one outer product and reads one vector a head. */
  macs(context) {
    const state = context.output(1) ?? context.input(3);
    const steps = context.input(0)?.shape[1] ?? 0;
    const shared = context.int('q_num_heads', 1) / Math.max(context.int('kv_num_heads', 1), 1);
    return (state?.elements ?? 0) * steps * (1 + shared);
  },
  saves: (context) => ({ inputs: context.operator.inputs.map((_, index) => index) }),
};

/** A depthwise convolution that sees the past only; the last k - 1 inputs are handed on as state. */
const CausalConvWithState: OperatorRule = {
  autocast: 'half',
  infer(context): Facts[] {
    const activation = context.string('activation') ?? 'none';
    if (!['none', 'silu', 'swish'].includes(activation)) throw badAttribute(`activation is "${activation}".`);
    const x = context.input(0);
    const shape = rank3(context, 0);
    const weight = rank3(context, 1);
    if (!x || !shape) return [x && { dtype: x.dtype }, x && { dtype: x.dtype }];
    if (weight) unify(shape[1], weight[0], 'Channels of input and weight');
    const past = context.input(3)?.shape;
    const kept = weight ? subtract(weight[2], 1) : past?.[2];
    return [
      { dtype: x.dtype, shape },
      { dtype: x.dtype, shape: kept === undefined ? undefined : [shape[0], shape[1], kept] },
    ];
  },
  macs(context: StepContext) {
    const weight = context.input(1);
    return weight ? (context.output(0)?.elements ?? 0) * span(weight, 1) : 0;
  },
  /** A fused activation reads what the convolution gave, which is not an output. */
  saves: (context) => ({
    inputs: [0, 1],
    extra:
      (context.string('activation') ?? 'none') === 'none'
        ? []
        : [{ name: 'convolution', bytes: context.output(0)?.bytes ?? 0 }],
  }),
};

/** Attention over [batch, heads, length, size] with two bodies that change scores and probabilities. */
const FlexAttention: OperatorRule = {
  autocast: 'half',
  infer(context) {
    const [query, key, value] = [0, 1, 2].map((index) => context.input(index));
    const [q, k, v] = [query, key, value].map((facts) => facts?.shape);
    for (const shape of [q, k, v]) {
      if (shape && shape.length !== 4) throw mismatch(`Rank ${shape.length} where 4 is needed.`);
    }
    if (!query || !q || !k || !v) return [query && { dtype: query.dtype }];
    unify(q[3], k[3], 'Sizes of a query head and a key head');
    const ownType = query.dtype === 'float64' ? 'float64' : 'float32';
    const dtype = typeAttribute(context, 'softmax_precision', ownType);
    if (!isFloat(dtype)) throw badAttribute(`softmax_precision is ${dtype}.`);
    const scores = { dtype, shape: [q[0], q[1], q[2], k[2]] };
    for (const name of ['score_mod', 'prob_mod']) {
      const body = context.attribute(name);
      if (body && body.kind !== 'graph') throw badAttribute(`Attribute ${name} is not a graph.`);
      if (body) context.inferSubgraph(body.value, [scores]);
    }
    return [{ dtype: query.dtype, shape: [q[0], q[1], q[2], v[3]] }];
  },
  macs(context) {
    const [q, k, v] = [0, 1, 2].map((index) => context.input(index)?.shape ?? []);
    if (q.length !== 4 || k.length !== 4 || v.length !== 4) return 0;
    return q[0] * q[1] * q[2] * k[2] * (q[3] + v[3]);
  },
  saves(context) {
    const q = context.input(0)?.shape ?? [];
    const rows = q.length === 4 ? q[0] * q[1] * q[2] : 0;
    return { inputs: [0, 1, 2], outputs: [0], extra: [floats('logsumexp', rows)] };
  },
};

/**
 * Attention with a state instead of all past keys, the convolution before it, and attention with bodies of its own.
 * Source: ONNX operator documentation (opset 27, ai.onnx.preview 1); torch.nn.attention.flex_attention for what is kept.
 */
export const linearAttentionRules: RuleTable = { LinearAttention, CausalConvWithState };
export const flexAttentionRules: RuleTable = { FlexAttention };
