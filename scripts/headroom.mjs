// npm run -s headroom -- <arguments>: the command line, built first when its sources are newer.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './lib/bundle.mjs';
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { inRepo } from './lib/paths.mjs';

const cli = inRepo('dist/cli.js');

function newestChangeMs(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((newest, entry) => {
    const file = path.join(folder, entry.name);
    return Math.max(newest, entry.isDirectory() ? newestChangeMs(file) : statSync(file).mtimeMs);
  }, statSync(folder).mtimeMs);
}

const builtMs = statSync(cli, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (builtMs < newestChangeMs(inRepo('planner-core'))) {
  await ensureInstalled();
  await bundle({ only: ['cli', 'solverWorker'] });
}

// `npm run` changes to the package's folder; file arguments are relative to where the user is.
const cwd = process.env.npm_lifecycle_event === 'headroom' ? process.env.INIT_CWD : process.cwd();
const child = spawn(process.execPath, [cli, ...process.argv.slice(2)], { cwd, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('close', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
