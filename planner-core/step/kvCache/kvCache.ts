import { bytesOf } from '../../graph/dtype';
import type { ModelGraph } from '../../graph/modelGraph';
import { inferTensors } from '../../operators/inferTensors';
import type { ConcreteTensor } from '../../operators/rule';
import { attentionLayers, type AttentionLayer } from './attentionLayers';
import { cacheShapeOf, type CacheShape } from './cacheShape';
import { Wiring } from './wiring';

/** The keys and values of one attention layer. */
export interface KvCacheLayer extends CacheShape {
  readonly attention: AttentionLayer;
  /** Qualified name of the module; '' for the root. */
  readonly module: string;
  /** Name of the operator that reads the cache first. */
  readonly operator: string;
  /** Keys and values of one token of one sequence. */
  readonly bytesPerToken: number;
  /** Keys and values of all earlier tokens of all sequences. */
  readonly bytes: number;
}

/** The key-value cache of a decoder: linear in tokens and in sequences. */
export interface KvCache {
  /** Earlier tokens, before the step. */
  readonly tokens: number;
  /** Sequences of the batch. */
  readonly sequences: number;
  /** One token of one sequence, over all layers. */
  readonly bytesPerToken: number;
  readonly bytes: number;
  readonly layers: readonly KvCacheLayer[];
}

/**
 * The cache of a model after `tokens` tokens: 2 x heads x head size x bytes of a number, for every token, sequence and
 * layer, where heads are those of keys and values (fewer than the query's in grouped-query attention). Earlier tokens
 * that the file takes as inputs count instead of `tokens`. undefined for a model without causal self-attention.
 */
export function kvCacheOf(
  graph: ModelGraph,
  tensors: readonly (ConcreteTensor | undefined)[],
  tokens: number,
): KvCache | undefined {
  const wiring = new Wiring(graph);
  // Which tokens see which must not depend on how many there are: dimensions stay symbolic.
  const layers = attentionLayers(graph, inferTensors(graph, {}).facts).flatMap(
    (attention): KvCacheLayer[] => {
      const shape = cacheShapeOf(attention, graph, tensors, wiring);
      if (!shape) return [];
      const { name, module } = graph.operators[attention.operator];
      const numbers = shape.keyValueHeads * (shape.keyHeadSize + shape.valueHeadSize);
      const bytesPerToken = bytesOf(shape.dtype, numbers);
      const held = shape.past.length > 0 ? shape.pastTokens : tokens;
      const bytes = bytesPerToken * held * shape.sequences;
      return [
        { ...shape, attention, module: graph.modules[module].name, operator: name, bytesPerToken, bytes },
      ];
    },
  );
  if (layers.length === 0) return undefined;
  const [{ past, pastTokens, sequences }] = layers;
  return {
    tokens: past.length > 0 ? pastTokens : tokens,
    sequences,
    bytesPerToken: layers.reduce((sum, layer) => sum + layer.bytesPerToken, 0),
    bytes: layers.reduce((sum, layer) => sum + layer.bytes, 0),
    layers,
  };
}
