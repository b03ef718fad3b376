import { formatMemory } from '../../planner-core/base/format';
import type { StepView } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { counted } from '../ui/names';
import { facts } from './facts';

/** The key-value cache of a decoder in inference; nothing where there is none. */
export function kvCacheBlock({ kvCache }: StepView): HTMLElement[] {
  if (!kvCache || kvCache.bytes === 0) return [];
  const { bytes, tokens, sequences, bytesPerToken, layers } = kvCache;
  return [
    el('h3', {}, 'Key-value cache'),
    facts([
      ['before the step', formatMemory(bytes)],
      ['tokens', `${tokens.toLocaleString('en')} in each of ${counted(sequences, 'sequence')}`],
      ['one token', `${formatMemory(bytesPerToken)} in ${counted(layers.length, 'layer')}`],
    ]),
  ];
}
