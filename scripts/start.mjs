// npm start: opens the sample models in a VS Code that has Headroom.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createProfile, freePort, installExtension, startServer } from './lib/codeServer.mjs';
import { cacheFolder, setUpCodeServer } from './lib/codeServerSetup.mjs';
import { bundle } from './lib/bundle.mjs';
import { findCommand, run } from './lib/commands.mjs';
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { packageExtension } from './lib/packageExtension.mjs';
import { inRepo, repoRoot } from './lib/paths.mjs';

const usage = `npm start -- [options] [folder]
  folder              what to open (default: samples/)
  --server            use the VS Code server in the browser even where a \`code\` command exists
  --port <number>     port of that server (default: 8190, or any free one)
  --no-open           only print the address, start no browser
  --exit-after-ready  stop as soon as the server answers (for tests)`;

const usualPort = 8190;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      server: { type: 'boolean' },
      port: { type: 'string' },
      'no-open': { type: 'boolean' },
      'exit-after-ready': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const folder = path.resolve(positionals[0] ?? inRepo('samples'));
  await ensureInstalled();
  const code = findCommand('code');
  return code && !values.server ? startDesktop(code, folder) : startInBrowser(folder, values);
}

async function startDesktop(code, folder) {
  await bundle();
  console.log(`Opening ${folder} in VS Code. Click a model file in the explorer.`);
  return run(code, [`--extensionDevelopmentPath=${repoRoot}`, folder], {
    shell: process.platform === 'win32',
  });
}

async function startInBrowser(folder, options) {
  await setUpCodeServer();
  const vsix = await packageExtension();
  const profile = createProfile(path.join(cacheFolder, 'start'));
  await installExtension(profile, vsix);
  const port = options.port ? Number(options.port) : await freePort(usualPort);
  const server = await startServer({ profile, port });
  const address = `${server.url}/?folder=${encodeURIComponent(folder)}`;
  console.log(`VS Code with Headroom: ${address}`);
  if (options['exit-after-ready']) {
    await server.stop();
    return 0;
  }
  console.log('Click a model file in the explorer. Ctrl+C stops the server.');
  if (!options['no-open']) openBrowser(address);
  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve('interrupted'));
  });
  const cause = await Promise.race([interrupted, server.ended]);
  if (cause === 'interrupted') {
    await server.stop();
    return 0;
  }
  console.error(`The server ended by itself:\n${server.log()}`);
  return 1;
}

/** Where there is a desktop to open it on. */
function openBrowser(address) {
  const opener = findCommand('xdg-open');
  if (!opener || !(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)) return;
  spawn(opener, [address], { stdio: 'ignore', detached: true }).unref();
}

main().then(
  (exitCode) => (process.exitCode = exitCode),
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
