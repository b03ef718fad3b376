import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Environment } from './environment';

/** What the command line prints with --json: the same numbers must be on screen. */
export function commandLineJson<T>(environment: Environment, args: readonly string[]): T {
  return JSON.parse(runCommandLine(environment, [...args, '--json'])) as T;
}

/** What the command line prints; throws with what it says when it fails. */
export function runCommandLine({ repoRoot }: Pick<Environment, 'repoRoot'>, args: readonly string[]): string {
  const cli = path.join(repoRoot, 'dist/cli.js');
  return execFileSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
}
