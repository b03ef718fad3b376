import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installation } from './codeServerSetup.mjs';
import { capture } from './commands.mjs';
import { spawnGroup } from './processGroup.mjs';

/** A calm editor: no telemetry, no updates, no network, nothing that covers the view. */
const quietSettings = {
  // The browser's VS Code saves by itself unless told otherwise; the desktop one does not.
  'files.autoSave': 'off',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'security.workspace.trust.enabled': false,
  'chat.disableAIFeatures': true,
  'npm.fetchOnlinePackageInfo': false,
  'json.schemaDownload.enable': false,
};

/**
 * Where a server keeps settings and extensions. Existing user settings are kept, so that a theme someone chose stays.
 * @param {string} folder
 * @param {Record<string, unknown>} settings on top of the quiet ones
 */
export function createProfile(folder, settings = {}) {
  const profile = { userData: path.join(folder, 'user'), extensions: path.join(folder, 'extensions') };
  mkdirSync(path.join(profile.userData, 'User'), { recursive: true });
  mkdirSync(profile.extensions, { recursive: true });
  const file = path.join(profile.userData, 'User/settings.json');
  try {
    writeFileSync(file, JSON.stringify({ ...quietSettings, ...settings }, null, 2), { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return profile;
}

const profileArguments = (profile) => [
  installation.entry,
  ...['--config', installation.config],
  ...['--user-data-dir', profile.userData],
  ...['--extensions-dir', profile.extensions],
];

function serverEnvironment(extra) {
  const env = { ...process.env, EXTENSIONS_GALLERY: '{}', ...extra };
  // In a terminal of VS Code it would make the command talk to the outer VS Code.
  delete env.VSCODE_IPC_HOOK_CLI;
  return env;
}

export async function installExtension(profile, vsix) {
  const args = [...profileArguments(profile), '--install-extension', vsix, '--force'];
  await capture(installation.node, args, { env: serverEnvironment() });
}

/**
 * Starts a server on the loopback interface and waits until it answers.
 * @param {{profile: ReturnType<typeof createProfile>, port: number, environment?: Record<string, string>, language?: string}} options
 *   `language`: of VS Code, for which the profile has a language pack
 * @returns {Promise<{url: string, log: () => string, ended: Promise<void>, stop: () => Promise<void>}>}
 */
export async function startServer({ profile, port, environment = {}, language }) {
  const args = [
    ...profileArguments(profile),
    ...['--bind-addr', `127.0.0.1:${port}`, '--auth', 'none'],
    '--disable-telemetry',
    '--disable-update-check',
    '--disable-workspace-trust',
    '--disable-getting-started-override',
    '--disable-proxy',
    '--ignore-last-opened',
    ...(language ? ['--locale', language] : []),
  ];
  const {
    child: server,
    ended,
    stop,
  } = spawnGroup(installation.node, args, {
    env: serverEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (data) => (log += data));

  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; !(await answers(url)); attempt++) {
    if (server.exitCode !== null || attempt > 600) {
      await stop();
      throw new Error(`VS Code server did not start:\n${log}`);
    }
    await sleep(100);
  }
  return { url, log: () => log, ended, stop };
}

const answers = (url) =>
  fetch(`${url}/healthz`).then(
    (response) => response.ok,
    () => false,
  );

/** `preferred` when nothing listens there, else a port the system chooses. */
export async function freePort(preferred = 0) {
  return (await tryPort(preferred)) ?? (await tryPort(0));
}

function tryPort(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const { port: bound } = probe.address();
      probe.close(() => resolve(bound));
    });
  });
}
