import { bytesOf } from '../../graph/dtype';
import { costOf, trafficOnly, type StepDraft } from '../draft';
import { Phase, ValueKind, type StepGraph, type ValueId } from '../stepGraph';
import type { KvCache, KvCacheLayer } from './kvCache';

/**
 * A cache that the file does not know: its tensors are there before the step, and each layer appends the new tokens by
 * torch.cat, which makes a new tensor while the old one still lives (DynamicLayer.update in transformers/cache_utils.py:
 * keys first, then values).
 */
export class CacheGrowth {
  private readonly replaced: ValueId[] = [];
  private readonly layers = new Map<number, { layer: KvCacheLayer; old: ValueId[] }>();
  private readonly tokens: number;

  /** Puts the caches of all layers where they are before the step begins. */
  constructor(
    private readonly draft: StepDraft,
    cache: KvCache,
  ) {
    this.tokens = cache.tokens;
    for (const layer of cache.layers) {
      if (layer.past.length > 0 || cache.tokens === 0) continue;
      const old = cachedParts(layer, cache.tokens).map(({ name, bytes }) =>
        draft.builder.value({ name, bytes, kind: ValueKind.input, residentAtStart: true }),
      );
      this.replaced.push(...old);
      this.layers.set(layer.firstReader, { layer, old });
    }
  }

  /** Adds what happens to the cache before the operator runs. */
  before(operator: number): void {
    const found = this.layers.get(operator);
    if (!found) return;
    const { layer, old } = found;
    const { builder, storage, graph } = this.draft;
    const at = layer.attention.operator;
    const made = layer.made.map((id) => storage[id]);
    cachedParts(layer, this.tokens + layer.newTokens).forEach(({ name, bytes }, part) => {
      const grown = builder.value({ name: `${name}, grown`, bytes, kind: ValueKind.input });
      builder.keepToEnd(grown);
      builder.node({
        name: `${name}/cat`,
        phase: Phase.forward,
        operator: at,
        module: graph.operators[at].module,
        inputs: [old[part], ...(made[part] === undefined || made[part] < 0 ? [] : [made[part]])],
        outputs: [grown],
        ...costOf(this.draft, trafficOnly(2 * bytes)),
        recomputable: false,
      });
    });
  }

  /**
   * Lets the old tensors go when they are appended to, and makes what has a number for every query and key, or repeats
   * keys and values, as large as the longer context makes it. The step must be the one built from the draft.
   */
  finish(step: StepGraph): void {
    for (const value of this.replaced) step.residentAtEnd[value] = 0;
    for (const { layer } of this.layers.values()) {
      const growth = (this.tokens + layer.newTokens) / layer.newTokens;
      const { storage } = this.draft;
      const growing = new Set([...layer.attention.scores, ...layer.repeated].map((id) => storage[id]));
      // A view of the new keys and values themselves.
      for (const id of layer.made) growing.delete(storage[id]);
      for (const value of growing) {
        if (value >= 0 && step.producer[value] >= 0) step.valueBytes[value] *= growth;
      }
    }
  }
}

function cachedParts(layer: KvCacheLayer, tokens: number): { name: string; bytes: number }[] {
  const { dtype, sequences, keyValueHeads, keyHeadSize, valueHeadSize, operator } = layer;
  const rows = sequences * keyValueHeads * tokens;
  return [
    { name: `${operator}/key cache`, bytes: bytesOf(dtype, rows * keyHeadSize) },
    { name: `${operator}/value cache`, bytes: bytesOf(dtype, rows * valueHeadSize) },
  ];
}
