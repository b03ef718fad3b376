import { boundDimensions } from '../step/dimensions';
import { kvCacheOf, type KvCache } from '../step/kvCache/kvCache';
import { tensorRoles } from '../step/roles';
import { concreteTensors } from '../step/tensors';
import type { ModelGraph } from '../graph/modelGraph';
import { inferTensors } from '../operators/inferTensors';

/** A decoder's key-value cache for people and scripts. */
export interface KvCacheView {
  /** Tokens in the cache before the step. */
  readonly tokens: number;
  readonly sequences: number;
  /** One token of one sequence, all layers. */
  readonly bytesPerToken: number;
  /** bytesPerToken x tokens x sequences. */
  readonly bytes: number;
  readonly layers: readonly {
    readonly module: string;
    readonly operator: string;
    readonly keyValueHeads: number;
    readonly keyHeadSize: number;
    readonly valueHeadSize: number;
    readonly dtype: string;
    readonly bytesPerToken: number;
    readonly bytes: number;
  }[];
}

export function kvCacheView(cache: KvCache): KvCacheView {
  const { tokens, sequences, bytesPerToken, bytes } = cache;
  const layers = cache.layers.map((layer) => ({
    module: layer.module,
    operator: layer.operator,
    keyValueHeads: layer.keyValueHeads,
    keyHeadSize: layer.keyHeadSize,
    valueHeadSize: layer.valueHeadSize,
    dtype: layer.dtype,
    bytesPerToken: layer.bytesPerToken,
    bytes: layer.bytes,
  }));
  return { tokens, sequences, bytesPerToken, bytes, layers };
}

/** What a model would cache for every token in the types of its file; undefined when it is no decoder. */
export function cachePerToken(
  graph: ModelGraph,
  dims: Readonly<Record<string, number>>,
): KvCacheView | undefined {
  const { facts } = inferTensors(graph, boundDimensions(graph, { dims, kvCacheTokens: 0 }).bindings);
  const { tensors } = concreteTensors(graph, facts, tensorRoles(graph, facts), 'fp32', 'cuda');
  const cache = kvCacheOf(graph, tensors, 0);
  return cache && kvCacheView(cache);
}
