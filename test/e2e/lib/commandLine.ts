import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Environment } from './environment';

/** What the command line prints with --json: the same numbers must be on screen. */
export function commandLineJson<T>(environment: Environment, args: readonly string[]): T {
  const cli = path.join(environment.repoRoot, 'dist/cli.js');
  const output = execFileSync(process.execPath, [cli, ...args, '--json'], { encoding: 'utf8' });
  return JSON.parse(output) as T;
}
