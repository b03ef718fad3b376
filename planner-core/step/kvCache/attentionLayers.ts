import type { ModelGraph, Operator, TensorId } from '../../graph/modelGraph';
import type { TensorFacts } from '../../operators/rule';
import { isCausalMask } from './causalMask';
import { Wiring } from './wiring';

/** Where a decoder reads the keys and values of earlier tokens. */
export interface AttentionLayer {
  /** Index of the operator before which the cache grows: the attention, or the product of query and key. */
  readonly operator: number;
  /** Keys and values as attention reads them, in which axis -1 or -2 their tokens are; -1 where packed with the query. */
  readonly key: TensorId;
  readonly value: TensorId;
  /** Tensors with one number a query and key, from scores to probabilities; none in a fused kernel. */
  readonly scores: readonly TensorId[];
  /** Earlier keys and values that the file takes as inputs. */
  readonly past: readonly TensorId[];
}

/** Inputs of attention operators, by domain and type: keys, values, masks, earlier keys and values. */
const attentionInputs: Readonly<
  Record<string, { mask?: number; past: readonly number[]; packed?: boolean }>
> = {
  '/Attention': { mask: 3, past: [4, 5] },
  'com.microsoft/Attention': { past: [4], packed: true },
  'com.microsoft/MultiHeadAttention': { past: [6, 7] },
  'com.microsoft/GroupQueryAttention': { past: [3, 4] },
};

/** Elementwise operators that may stand between the product of query and key, the softmax and the next product. */
const betweenProducts = new Set(
  'Add Sub Mul Div Where Cast Dropout Identity Reshape Clip Tanh Max Min'.split(' '),
);

/**
 * The causal self-attention layers of a model, in execution order: attention operators that are causal or take earlier
 * keys, and products written out, recognised by a softmax between two products and a causal mask.
 */
export function attentionLayers(
  graph: ModelGraph,
  facts: readonly (TensorFacts | undefined)[],
): AttentionLayer[] {
  const wiring = new Wiring(graph);
  const isCausal = (mask: TensorId): boolean => isCausalMask(mask, wiring, facts);
  return graph.operators.flatMap((operator, index) => {
    const inputs =
      attentionInputs[`${operator.domain === 'ai.onnx' ? '' : operator.domain}/${operator.type}`];
    if (inputs) {
      const past = inputs.past.map((at) => operator.inputs[at] ?? -1).filter((id) => id >= 0);
      const mask = inputs.mask === undefined ? -1 : (operator.inputs[inputs.mask] ?? -1);
      if (!isDecoding(operator) && past.length === 0 && !isCausal(mask)) return [];
      const [key, value] = inputs.packed ? [-1, -1] : [operator.inputs[1] ?? -1, operator.inputs[2] ?? -1];
      return [{ operator: index, key, value, scores: [], past }];
    }
    const written = operator.type === 'Softmax' ? aroundSoftmax(operator, wiring) : undefined;
    return written?.masks.some(isCausal) ? [written.layer] : [];
  });
}

/** Attributes that say so: is_causal of ONNX, unidirectional of ONNX Runtime, whose GroupQueryAttention always is. */
function isDecoding({ type, attributes }: Operator): boolean {
  const isSet = (name: string): boolean => {
    const attribute = attributes.get(name);
    return attribute?.kind === 'int' && attribute.value !== 0;
  };
  return type === 'GroupQueryAttention' || isSet('is_causal') || isSet('unidirectional');
}

/** The attention written out around a softmax, with what is added to its scores or selects them. */
function aroundSoftmax(
  softmax: Operator,
  wiring: Wiring,
): { layer: AttentionLayer; masks: TensorId[] } | undefined {
  const scores = new Set<TensorId>([softmax.outputs[0]]);
  const masks: TensorId[] = [];
  const first = productAbove(softmax.inputs[0], wiring, scores, masks, 12);
  const second = productBelow(softmax, wiring, scores);
  if (first < 0 || !second) return undefined;
  const layer: AttentionLayer = {
    operator: first,
    key: wiring.graph.operators[first].inputs[1],
    value: second.inputs[1],
    scores: [...scores],
    past: [],
  };
  return { layer, masks };
}

/** Walks up from the softmax to the product of query and key; what joins on the way may be a mask. */
function productAbove(
  tensor: TensorId,
  wiring: Wiring,
  scores: Set<TensorId>,
  masks: TensorId[],
  steps: number,
): number {
  const index = wiring.producerIndex(tensor);
  if (index < 0 || steps === 0) return -1;
  const operator = wiring.graph.operators[index];
  if (operator.type === 'MatMul') {
    const isActivation = (id: TensorId): boolean => wiring.graph.tensors[id]?.role === 'activation';
    if (!operator.inputs.every(isActivation)) return -1;
    scores.add(tensor);
    return index;
  }
  if (!betweenProducts.has(operator.type)) return -1;
  for (const input of operator.inputs) {
    const found = productAbove(input, wiring, scores, masks, steps - 1);
    if (found < 0) continue;
    scores.add(tensor);
    masks.push(...operator.inputs.filter((other) => other !== input));
    return found;
  }
  return -1;
}

/** Walks down from the softmax to the product with the values. */
function productBelow(softmax: Operator, wiring: Wiring, scores: Set<TensorId>): Operator | undefined {
  let [at] = softmax.outputs;
  for (;;) {
    const next = wiring.readersOf(at).find(({ type }) => type === 'MatMul' || betweenProducts.has(type));
    if (!next || next.type === 'MatMul') return next;
    [at] = next.outputs;
    scores.add(at);
  }
}
