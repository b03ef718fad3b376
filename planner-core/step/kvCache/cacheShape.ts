import type { DType } from '../../graph/dtype';
import type { ModelGraph, Operator, TensorId } from '../../graph/modelGraph';
import type { ConcreteTensor } from '../../operators/rule';
import type { AttentionLayer } from './attentionLayers';
import { Wiring } from './wiring';

/** What one attention layer stores of a token. */
export interface CacheShape {
  readonly sequences: number;
  readonly keyValueHeads: number;
  readonly keyHeadSize: number;
  readonly valueHeadSize: number;
  readonly dtype: DType;
  /** Tokens this step adds. */
  readonly newTokens: number;
  /** Earlier tokens that the file takes as inputs. */
  readonly pastTokens: number;
  /** Inputs of the file that hold them. */
  readonly past: readonly TensorId[];
  /** The new keys and values before they are moved or repeated; none where the query holds them. */
  readonly made: readonly TensorId[];
  /** Copies of keys and values for every query head, which grow with the cache. */
  readonly repeated: readonly TensorId[];
  /** Index of the first operator that reads the cache. */
  readonly firstReader: number;
}

/** Operators that move or repeat keys and values between the cache and the attention. */
const movers = new Set(
  'Transpose Reshape Unsqueeze Squeeze Identity Cast Expand Tile Mul Flatten'.split(' '),
);

/** undefined where shapes are not known, or no cache can be told from them. */
export function cacheShapeOf(
  layer: AttentionLayer,
  graph: ModelGraph,
  tensors: readonly (ConcreteTensor | undefined)[],
  wiring: Wiring = new Wiring(graph),
): CacheShape | undefined {
  const operator = graph.operators[layer.operator];
  const isPacked = layer.key < 0 || layer.value < 0;
  const base = isPacked ? packedShape(operator, tensors) : separateShape(layer, graph, tensors, wiring);
  if (!base || !Number.isInteger(base.keyValueHeads) || base.keyValueHeads < 1) return undefined;
  const past = [...new Set([...layer.past, ...base.past])];
  // Earlier tokens are the axis before the head size: [batch, heads, tokens, head size], ORT packs keys and values first.
  const pastTokens = past.length > 0 ? (tensors[past[0]]?.shape.at(-2) ?? 0) : 0;
  const firstReader = base.repeated.reduce(
    (first, id) => Math.min(first, wiring.producerIndex(id)),
    layer.operator,
  );
  return { ...base, past, pastTokens, firstReader };
}

type Base = Omit<CacheShape, 'pastTokens' | 'firstReader'>;

/** Query, key and value in one input (GroupQueryAttention), or a weight that projects to all three (Attention). */
function packedShape(operator: Operator, tensors: readonly (ConcreteTensor | undefined)[]): Base | undefined {
  const x = tensors[operator.inputs[0]];
  if (x?.shape.length !== 3) return undefined;
  const [sequences, newTokens, width] = x.shape;
  const heads = intOf(operator, 'num_heads');
  const keyValueHeads = operator.type === 'GroupQueryAttention' ? intOf(operator, 'kv_num_heads') : heads;
  const projected = operator.type === 'Attention' ? (tensors[operator.inputs[1]]?.shape.at(-1) ?? 0) : width;
  const headSize = projected / (heads + 2 * keyValueHeads);
  if (!Number.isInteger(headSize) || headSize < 1) return undefined;
  const sizes = { keyHeadSize: headSize, valueHeadSize: headSize };
  const fromInput = { past: [], made: [], repeated: [] };
  return { sequences, keyValueHeads, ...sizes, dtype: x.dtype, newTokens, ...fromInput };
}

function separateShape(
  layer: AttentionLayer,
  graph: ModelGraph,
  tensors: readonly (ConcreteTensor | undefined)[],
  wiring: Wiring,
): Base | undefined {
  const operator = graph.operators[layer.operator];
  const [key, value] = [tensors[layer.key], tensors[layer.value]];
  if (!key || !value || key.shape.length < 3 || value.shape.length < 3) return undefined;
  const keyWay = wayToCache(layer.key, wiring, tensors);
  const valueWay = wayToCache(layer.value, wiring, tensors);
  const past = [...keyWay.past, ...valueWay.past];
  const made = [keyWay.source, valueWay.source];
  const repeated = [...keyWay.repeated, ...valueWay.repeated];
  // A product reads keys as [..., head size, tokens], attention operators as [..., tokens, head size].
  const isProduct = operator.type === 'MatMul';
  const [tokens, keyWidth] = isProduct ? key.shape.slice(-2).reverse() : key.shape.slice(-2);
  const valueWidth = value.shape.at(-1)!;
  const pastTokens = past.length > 0 ? (tensors[past[0]]?.shape.at(-2) ?? 0) : 0;
  const common = { dtype: key.dtype, newTokens: tokens - pastTokens, past, made, repeated };
  if (key.shape.length === 3 && !isProduct) {
    const heads = intOf(operator, 'kv_num_heads') || intOf(operator, 'num_heads');
    if (heads < 1) return undefined;
    const sizes = { keyHeadSize: keyWidth / heads, valueHeadSize: valueWidth / heads };
    return { ...common, ...sizes, sequences: key.shape[0], keyValueHeads: heads };
  }
  const sequences = key.shape.length === 3 ? (tensors[graph.inputs[0]]?.shape[0] ?? 1) : key.shape[0];
  const heads = key.elements / (sequences * tokens * keyWidth);
  const keyValueHeads = heads / keyWay.repeats;
  return { ...common, sequences, keyValueHeads, keyHeadSize: keyWidth, valueHeadSize: valueWidth };
}

/** Follows keys or values back to where they are made, or to earlier ones that they are appended to. */
function wayToCache(
  from: TensorId,
  wiring: Wiring,
  tensors: readonly (ConcreteTensor | undefined)[],
): { source: TensorId; repeats: number; repeated: TensorId[]; past: TensorId[] } {
  let repeats = 1;
  let repeated: TensorId[] = [];
  const passed: TensorId[] = [];
  let source = from;
  for (;;) {
    const operator = wiring.producerOf(source);
    if (operator?.type === 'Concat') {
      const past = operator.inputs.filter((id) => wiring.graph.tensors[id]?.role === 'input');
      return { source, repeats, repeated, past };
    }
    if (!operator || !movers.has(operator.type)) return { source, repeats, repeated, past: [] };
    passed.push(source);
    if (operator.type === 'Expand' || operator.type === 'Tile') {
      repeats *= (tensors[source]?.elements ?? 0) / (tensors[operator.inputs[0]]?.elements || 1);
      repeated = [...passed];
    }
    [source] = operator.inputs;
  }
}

function intOf(operator: Operator, name: string): number {
  const attribute = operator.attributes.get(name);
  return attribute?.kind === 'int' ? attribute.value : 0;
}
