import { spawnGroup } from './processGroup.mjs';

/**
 * Runs a command to its end, with all that it starts. Resolves with its exit code and, with `quiet`, what it printed,
 * which else goes to the terminal. One that takes longer than `limitMs` is ended, with a line that says so, and counts as
 * failed; so does one that cannot be started. When this process is asked to end, the command ends first.
 * @param {{limitMs: number, quiet?: boolean} & import('node:child_process').SpawnOptions} options
 * @returns {Promise<{code: number, output: string}>}
 */
export async function limitedRun(command, args, { limitMs, quiet = false, ...options }) {
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
  const { child, ended, stop } = spawnGroup(command, args, { stdio, ...options });
  let output = '';
  const note = quiet ? (text) => (output += text) : (text) => process.stderr.write(text);
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
  child.once('error', (error) => note(`${error.message}\n`));
  const limit = setTimeout(() => {
    note(`${[command, ...args].join(' ')}\ndid not end within ${limitMs / 60_000} minutes: stopped.\n`);
    void stop();
  }, limitMs);
  const interrupted = (signal) => void stop().then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  const signals = ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.once(signal, interrupted);
  await ended;
  clearTimeout(limit);
  for (const signal of signals) process.removeListener(signal, interrupted);
  return { code: child.exitCode ?? 1, output };
}
