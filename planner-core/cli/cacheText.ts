import { formatMemory } from '../base/format';
import type { KvCacheView } from '../session/kvCacheView';

/** One line about a decoder's cache: what a token takes, and of what it is made. */
export function cacheText({ bytesPerToken, layers }: KvCacheView): string {
  const [{ keyValueHeads, keyHeadSize, dtype }] = layers;
  const made = `${layers.length} layers × ${keyValueHeads} heads × ${keyHeadSize}, ${dtype}`;
  return `${formatMemory(bytesPerToken)} a token and sequence (${made})`;
}
