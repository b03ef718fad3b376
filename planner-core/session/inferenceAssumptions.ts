import { formatMemory } from '../base/format';
import type { BuiltStep } from '../step/buildStep';
import type { Workload } from '../step/workload';

/** What the numbers of a forward pass without gradients rest on; nothing for training. */
export function inferenceAssumptions(workload: Workload, { step, kvCache }: BuiltStep): string[] {
  if (workload.mode === 'training') return [];
  const isEager = workload.liveness === 'eager' && step.devices.length === 1;
  return [
    isEager
      ? 'a tensor lives as long as Python refers to it: arguments until the module returns, variables until they are replaced'
      : 'a tensor is freed right after its last use',
    workload.inPlace === 'activations'
      ? 'activation functions on images overwrite their input (the file does not say): --in-place none counts them as new tensors'
      : 'no activation function overwrites its input',
    ...cacheText(workload, kvCache),
  ];
}

function cacheText({ kvCacheTokens }: Workload, kvCache: BuiltStep['kvCache']): string[] {
  if (!kvCache) return [];
  const perToken = `${formatMemory(kvCache.bytesPerToken)} for every token and sequence`;
  if (kvCache.bytes === 0) return [`no key-value cache is counted; it would take ${perToken}`];
  const held = `key-value cache of ${kvCache.tokens} tokens: ${perToken}`;
  const isGiven = kvCache.layers[0].past.length > 0;
  if (isGiven || kvCacheTokens === 0) return [`${held}, as the inputs of the file`];
  return [`${held}; new tokens are appended by torch.cat, one layer and tensor after another`];
}
