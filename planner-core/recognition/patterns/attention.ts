import type { ModelGraph, Operator, TensorId } from '../../graph/modelGraph';
import { exportedCall } from '../../operators/exportedCall';
import { float, int, type Pattern } from '../pattern';
import { any, either, initializer, op, opWhere, type Template } from '../template';

const query = any('query');
const key = any('key');
const value = any('value');
const mask = any('mask');
const scale = any('scale');
const keyScale = any('scale of the key');

const swapsLastTwo = ({
  attributes,
}: {
  attributes: ReadonlyMap<string, { kind: string; value: unknown }>;
}) => {
  const order = attributes.get('perm');
  const axes = order?.kind === 'ints' ? (order.value as readonly number[]) : [];
  const rank = axes.length;
  return rank >= 3 && axes[rank - 1] === rank - 2 && axes[rank - 2] === rank - 1;
};

/** Key with its last two axes swapped: at once, or through a three-dimensional view of it. */
const flat = op('Reshape', key);
const swapped = either(
  opWhere('Transpose', swapsLastTwo, key),
  op('Reshape', opWhere('Transpose', swapsLastTwo, flat)),
);
const scaledQuery = op('Mul', query, scale);
const scaledKey = op('Mul', swapped, keyScale);
const scores = op('MatMul', scaledQuery, scaledKey);
/** A scale of 1, which the exporter's optimizer leaves out. */
const unscaled = op('MatMul', query, swapped);
const product = either(scores, unscaled);
const masked = either(op('Add', product, mask), product);
const weights = opWhere(
  'Softmax',
  ({ attributes }) => {
    const axis = attributes.get('axis');
    return axis === undefined || (axis.kind === 'int' && axis.value === -1);
  },
  masked,
);
/** Rows that are masked altogether come out as NaN and are set to zero in newer exports. */
const guarded: Template = either(op('Where', op('IsNaN', weights), initializer('zero'), weights), weights);
const dropped = op('Dropout', guarded);
const kept: Template = either(dropped, guarded);

/** The probability of the call: it was exported with it, so it was not 0. */
function dropoutOf(dropout: Operator | undefined, graph: ModelGraph): number {
  return dropout ? (graph.tensors[dropout.inputs[1] ?? -1]?.elements?.[0] ?? 0.5) : 0;
}

/**
 * softmax(q·√s · (k·√s)ᵀ + mask) · v. Splitting the scale over both operands is how the exporter writes
 * scaled_dot_product_attention; attention written by hand scales once. Source: torch.onnx symbolic functions, opset 14.
 */
export const attention: Pattern = {
  name: 'attention',
  readAs: 'torch.nn.functional.scaled_dot_product_attention',
  calls: ['scaled_dot_product_attention'],
  templates: [op('MatMul', kept, value)],
  read(match, { graph, factsOf, isDataFree }) {
    const call = match.operator(scores) ?? match.operator(unscaled)!;
    // Written by hand, a product without scale is just that.
    if (!match.operator(scores) && exportedCall(call) === undefined) return undefined;
    const scales = [scale, keyScale].flatMap((hole) => match.tensor(hole) ?? []);
    // Each operand may have a root of the scale of its own, computed from the head size.
    if (scales[0] !== scales[1] && !scales.every(isDataFree)) return undefined;
    const shapes = [query, key, value].map((hole) => factsOf(match.tensor(hole)!)?.shape);
    if (shapes.some((shape) => shape?.length !== 4)) return undefined;
    // Heads that broadcast have no fused kernel: the call runs as it is written here.
    const [heads, keyHeads] = shapes.map((shape) => shape![1]);
    if (typeof heads === 'number' && typeof keyHeads === 'number' && heads !== keyHeads) return undefined;
    const maskTensor: TensorId | undefined = match.tensor(mask);
    const root = scales.length === 0 ? 1 : graph.tensors[scales[0]].elements?.[0];
    const attributes = new Map(root === undefined ? [] : [['scale', float(root * root)]]);
    const dropout = dropoutOf(match.operator(dropped), graph);
    if (dropout > 0) attributes.set('dropout_p', float(dropout));
    return {
      type: 'Attention',
      inputs: [query, key, value].map((hole) => match.tensor(hole)!).concat(maskTensor ?? []),
      attributes,
    };
  },
};

/** Heads of keys or values repeated to those of the query: a new axis, stretched, and merged with the heads. */
const repeated = (heads: Template): Template => op('Reshape', op('Expand', op('Unsqueeze|Reshape', heads)));
const sharedKeys = any('shared keys');
const sharedValues = any('shared values');
const grouped = op('Attention', query, repeated(sharedKeys), repeated(sharedValues));

/**
 * Exported, the call gets repeated keys and values; run, transformers hands it the few heads and lets it share them
 * (enable_gqa).
 */
export const groupedQueryAttention: Pattern = {
  name: 'grouped-query-attention',
  readAs: 'scaled_dot_product_attention(enable_gqa=True)',
  templates: [grouped],
  read(match, { factsOf }) {
    const { inputs, attributes } = match.operator(grouped)!;
    const [q, k, v] = [query, sharedKeys, sharedValues].map((hole) => match.tensor(hole)!);
    const heads = [q, k, v].map((tensor) => factsOf(tensor)?.shape?.[1]);
    if (heads[1] !== heads[2] || typeof heads[0] !== 'number' || typeof heads[1] !== 'number')
      return undefined;
    if (heads[0] === heads[1] || heads[0] % heads[1] !== 0) return undefined;
    return { type: 'Attention', inputs: [q, k, v, ...inputs.slice(3)], attributes };
  },
};

const maskedAttention = op('Attention', query, key, value, mask);

/**
 * A mask that no input decides is written out by the exporter; the program says is_causal instead, and the kernel
 * needs no mask.
 */
export const causalAttention: Pattern = {
  name: 'causal-attention',
  readAs: 'scaled_dot_product_attention(is_causal=True)',
  templates: [maskedAttention],
  read(match, { isDataFree }) {
    const { inputs, attributes } = match.operator(maskedAttention)!;
    if (!isDataFree(match.tensor(mask)!)) return undefined;
    return {
      type: 'Attention',
      inputs: [...inputs.slice(0, 3), -1, ...inputs.slice(4)],
      attributes: new Map([...attributes, ['is_causal', int(1)]]),
    };
  },
};

const [first, second] = [any('scores or mask'), any('mask or scores')];
const maskedScores = op('Softmax', op('Add', first, second));

/**
 * A mask that hides nothing is only in the export: given no mask of their own, the encoders of transformers make one
 * while they are exported and none when they run.
 */
export const visibleMask: Pattern = {
  name: 'visible-mask',
  readAs: 'torch.nn.functional.softmax of scores without mask',
  templates: [maskedScores],
  read(match, { isVisibleMask }) {
    const operands = [first, second].map((hole) => match.tensor(hole)!);
    const at = operands.findIndex(isVisibleMask);
    if (at < 0) return undefined;
    const { attributes } = match.operator(maskedScores)!;
    return { type: 'Softmax', inputs: [operands[1 - at]], attributes };
  },
};

const probabilities = op('Softmax', any('scores'));
const safe = op('Where', op('IsNaN', probabilities), initializer('nothing'), probabilities);

/** A call that runs composed sets rows that are masked altogether to zero within its softmax (_safe_softmax). */
export const safeSoftmax: Pattern = {
  name: 'safe-softmax',
  readAs: 'torch.ops.aten._safe_softmax',
  calls: ['scaled_dot_product_attention'],
  templates: [safe],
  read(match) {
    const { inputs, attributes } = match.operator(probabilities)!;
    return { type: 'Softmax', inputs, attributes };
  },
};
