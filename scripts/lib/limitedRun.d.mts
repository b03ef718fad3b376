import type { SpawnOptions } from 'node:child_process';

/** See limitedRun.mjs. */
export function limitedRun(
  command: string,
  args: readonly string[],
  options: { limitMs: number; quiet?: boolean } & SpawnOptions,
): Promise<{ code: number; output: string }>;
