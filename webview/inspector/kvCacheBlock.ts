import { formatMemory } from '../../planner-core/base/format';
import type { StepView } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { counted } from '../ui/names';
import { facts } from './facts';
import { t } from '../base/l10n';

/** The key-value cache of a decoder in inference; nothing where there is none. */
export function kvCacheBlock({ kvCache }: StepView): HTMLElement[] {
  if (!kvCache || kvCache.bytes === 0) return [];
  const { bytes, tokens, sequences, bytesPerToken, layers } = kvCache;
  return [
    el('h3', {}, t('Key-value cache')),
    facts([
      [t('before the step'), formatMemory(bytes)],
      [t('tokens'), t('{0} in each of {1}', tokens.toLocaleString('en'), counted(sequences, 'sequence'))],
      [t('one token'), t('{0} in {1}', formatMemory(bytesPerToken), counted(layers.length, 'layer'))],
    ]),
  ];
}
