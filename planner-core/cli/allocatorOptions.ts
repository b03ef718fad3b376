import type { HeadroomError } from '../base/errors';
import { parseMemory } from '../base/format';
import {
  allocatorKinds,
  checkAllocatorSettings,
  cublasWorkspaces,
  defaultAllocatorSettings,
  type AllocatorSettings,
} from '../session/allocatorSettings';
import { badUsage } from './badUsage';

/** The options of the command line about memory beyond requested bytes, as `parseArgs` takes them. */
export const allocatorSpecification = {
  allocator: { type: 'string' },
  'roundup-power2': { type: 'string' },
  'max-split': { type: 'string' },
  context: { type: 'string' },
  'no-context': { type: 'boolean' },
  'cublas-workspace': { type: 'string' },
} as const;

type AllocatorOptions = {
  readonly [K in keyof typeof allocatorSpecification]?: K extends 'no-context' ? boolean : string;
};

/** Throws 'bad-usage' for what PyTorch would not take. */
export function allocatorSettingsOf(options: AllocatorOptions): AllocatorSettings {
  const base = defaultAllocatorSettings;
  return checkAllocatorSettings({
    allocator: one('allocator', options.allocator, allocatorKinds) ?? base.allocator,
    roundupPower2Divisions: count('roundup-power2', options['roundup-power2']) ?? base.roundupPower2Divisions,
    maxSplitSizeMiB: count('max-split', options['max-split']) ?? base.maxSplitSizeMiB,
    contextBytes: options['no-context'] ? 0 : (memory('context', options.context) ?? base.contextBytes),
    cublasWorkspace:
      one('cublas-workspace', options['cublas-workspace'], cublasWorkspaces) ?? base.cublasWorkspace,
  });
}

function one<T extends string>(name: string, text: string | undefined, allowed: readonly T[]): T | undefined {
  const found = allowed.find((candidate) => candidate === text);
  if (text !== undefined && found === undefined) throw unusable(name, text, allowed.join(', '));
  return found;
}

function count(name: string, text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d+$/.test(text)) throw unusable(name, text, 'a whole number');
  return text === undefined ? undefined : Number(text);
}

function memory(name: string, text: string | undefined): number | undefined {
  const bytes = text === undefined ? undefined : parseMemory(text);
  if (text !== undefined && bytes === undefined) throw unusable(name, text, 'a size such as 450MiB');
  return bytes;
}

function unusable(name: string, text: string, expected: string): HeadroomError {
  return badUsage(`--${name} is "${text}": expected ${expected}.`);
}
