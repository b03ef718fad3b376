import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { capture } from './commands.mjs';
import { limitedRun } from './limitedRun.mjs';
import { withLock } from './lock.mjs';
import { requireBuildTools } from './systemPackages.mjs';
import { tryAgain } from './tryAgain.mjs';

// Versions that were tried together. code-server 4.139.1 is Code 1.139.1 and runs on Node 24 only.
const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';
const npmVersion = '11.19.1';
/** For each of the two installations; compiling takes minutes on a slow machine. */
const installLimitMs = 20 * 60_000;
const stamp = `code-server=${codeServerVersion} node=${nodeVersion} npm=${npmVersion}`;

/** Where the server is kept between runs: outside the repository, about 830 MB. */
export const cacheFolder =
  process.env.HEADROOM_VSCODE_CACHE ||
  path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'headroom-vscode');

/** A Node of the right version with its headers, so that compiling native modules downloads none. */
const nodePackage = `node-linux-${process.arch}`;
const nodeFolder = path.join(cacheFolder, 'node24/node_modules', nodePackage);

/** The two paths a server is started with, and a configuration that keeps the user's own one untouched. */
export const installation = {
  node: path.join(nodeFolder, 'bin/node'),
  entry: path.join(cacheFolder, 'server/node_modules/code-server/out/node/entry.js'),
  config: path.join(cacheFolder, 'config.yaml'),
};

/**
 * Installs code-server (VS Code as a web server) with the Node it needs from the npm registry, once. Takes minutes the
 * first time, because its native modules are compiled. Idempotent; a second process waits for the first.
 */
export async function setUpCodeServer() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new Error(
      'The bundled VS Code server runs on Linux only. Install VS Code with its `code` command, then run npm start again.',
    );
  }
  mkdirSync(cacheFolder, { recursive: true });
  await withLock(cacheFolder, async () => {
    if (!existsSync(installation.config)) writeFileSync(installation.config, 'auth: none\n');
    if (isStamped() && (await starts())) return;
    await requireBuildTools();
    console.error(
      `Setting up VS Code (code-server ${codeServerVersion}) in ${cacheFolder}; once, some minutes ...`,
    );
    rmSync(stampFile, { force: true });
    await tryAgain('Setting up its Node', installNode);
    await tryAgain('Setting up code-server', installServer);
    if (!(await starts())) throw new Error(`code-server does not start; see ${logFile}`);
    writeFileSync(stampFile, `${stamp}\n`);
  });
  return installation;
}

const stampFile = path.join(cacheFolder, '.stamp');
const logFile = path.join(cacheFolder, 'install.log');

const isStamped = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === stamp;

async function starts() {
  const args = [installation.entry, '--config', installation.config, '--version'];
  const version = await capture(installation.node, args).catch((error) => `${error}`);
  return version.includes(`${codeServerVersion} `) && version.includes(' with Code ');
}

async function installNode() {
  const folder = emptyFolder('node24', { name: 'headroom-vscode-node', private: true });
  await npmInstall(
    'npm',
    ['--ignore-scripts', '--save-exact', `${nodePackage}@${nodeVersion}`, `npm@${npmVersion}`],
    {
      cwd: folder,
      env: ownEnvironment(),
    },
  );
}

async function installServer() {
  const folder = emptyFolder('server', {
    name: 'headroom-vscode-server',
    private: true,
    dependencies: { 'code-server': codeServerVersion },
    // npm asks before it runs install scripts; these two are needed.
    allowScripts: { 'code-server': true, argon2: true },
  });
  const binaries = path.join(cacheFolder, 'node24/node_modules/.bin');
  const env = {
    ...ownEnvironment(),
    PATH: `${binaries}${path.delimiter}${process.env.PATH}`,
    // A machine-wide nodedir would compile against the headers of another Node.
    npm_config_nodedir: nodeFolder,
    // Its ready-made binary is not on the npm registry: compile it instead of trying elsewhere.
    npm_config_build_from_source: 'kerberos',
  };
  for (const name of ['FORCE_NODE_VERSION', 'VSCODE_IPC_HOOK_CLI', 'NODE_OPTIONS']) delete env[name];
  await npmInstall(path.join(binaries, 'npm'), ['--foreground-scripts'], { cwd: folder, env });
}

/**
 * The environment without what an `npm run` around this process put there: its user agent names the Node it runs on,
 * which code-server's install script takes for its own.
 */
function ownEnvironment() {
  const fromOuterNpm =
    /^(NODE|INIT_CWD|npm_(command|execpath|node_execpath|lifecycle_.*|package_.*|config_(user_agent|node_gyp|npm_version|prefix|local_prefix|global_prefix|noproxy|init_module)))$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !fromOuterNpm.test(name)));
}

async function npmInstall(npm, args, options) {
  const common = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const { code, output } = await limitedRun(npm, ['install', ...common, ...args], {
    ...options,
    limitMs: installLimitMs,
    quiet: true,
  });
  writeFileSync(logFile, output, { flag: 'a' });
  if (code !== 0) throw new Error(`${tail(output)}\nSetting up VS Code failed; the whole log is ${logFile}`);
}

const tail = (text) => text.split('\n').slice(-40).join('\n');

function emptyFolder(name, manifest) {
  const folder = path.join(cacheFolder, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}
