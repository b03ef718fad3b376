import { readFileSync } from 'node:fs';
import { limitedRun } from './limitedRun.mjs';
import { inRepo, repoRoot } from './paths.mjs';
import { tryAgain } from './tryAgain.mjs';

const limitMs = 15 * 60_000;

/**
 * Runs `npm ci` when node_modules is missing or is not what package-lock.json asks for, so that every command works in
 * a fresh clone. Says so on stderr: stdout belongs to the command.
 */
export async function ensureInstalled() {
  if (isInstalled()) return;
  console.error('Installing the packages of package-lock.json (npm ci) ...');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await tryAgain('npm ci', async () => {
    const { code } = await limitedRun(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: repoRoot,
      limitMs,
      shell: process.platform === 'win32',
      stdio: ['ignore', 2, 2],
    });
    if (code !== 0) throw new Error(`npm ci failed with exit code ${code}.`);
  });
}

/** npm writes the hidden lockfile last, so it is the stamp of a finished install. */
function isInstalled() {
  const wanted = packagesOf(inRepo('package-lock.json'));
  const installed = packagesOf(inRepo('node_modules/.package-lock.json'));
  if (!wanted) throw new Error('package-lock.json is missing or no JSON.');
  if (!installed) return false;
  return Object.entries(wanted).every(
    ([place, entry]) => place === '' || entry.optional || installed[place]?.version === entry.version,
  );
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
