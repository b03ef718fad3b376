import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProfile, freePort, installExtension, startServer } from '../../scripts/lib/codeServer.mjs';
import { setUpCodeServer } from '../../scripts/lib/codeServerSetup.mjs';
import { packageExtension } from '../../scripts/lib/packageExtension.mjs';
import { inRepo, repoRoot } from '../../scripts/lib/paths.mjs';
import { requireBrowser } from '../../scripts/lib/systemPackages.mjs';
import { addLanguagePack } from './languagePack.mjs';
import { writeBrowserOnlyPackage } from './webExtension.mjs';

/** What scenarios rely on; everything else about the editor is as quiet as for users of `npm start`. */
const testSettings = {
  'files.simpleDialog.enable': true,
  'git.enabled': false,
  'window.confirmBeforeClose': 'never',
  'workbench.editor.enablePreview': false,
  'workbench.reduceMotion': 'on',
};

/**
 * A VS Code server with Headroom in a throw-away profile, and the browser to drive it with. Others, in which Headroom
 * runs in the browser or VS Code speaks Chinese, start when a scenario asks for them.
 * @param {{reusePackage: boolean}} options take the .vsix that is there instead of packaging again
 * @returns {Promise<{environment: import('./lib/environment').Environment, stop: () => Promise<void>, log: () => Promise<string>}>}
 */
export async function startEnvironment({ reusePackage }) {
  const browserPath = await requireBrowser();
  await setUpCodeServer();
  const vsix = reusePackage ? existingPackage() : await packageExtension();
  const temporaryFolder = mkdtempSync(path.join(tmpdir(), 'headroom-e2e-'));
  process.once('exit', () => rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 5 }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

  const home = Object.fromEntries(
    ['HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME'].map((name) => [name, temporaryFolder]),
  );
  const start = async (folder, extension, language) => {
    const profile = createProfile(folder, testSettings);
    await installExtension(profile, extension);
    if (language) addLanguagePack(profile, language);
    return startServer({ profile, port: await freePort(), environment: home, language });
  };
  const server = await start(temporaryFolder, vsix);
  const others = {
    browser: () => {
      const extension = path.join(temporaryFolder, 'browser-only.vsix');
      writeBrowserOnlyPackage(vsix, extension);
      return start(path.join(temporaryFolder, 'browser-host'), extension);
    },
    'zh-cn': () => start(path.join(temporaryFolder, 'zh-cn'), vsix, 'zh-cn'),
  };
  const started = {};
  const environment = {
    repoRoot,
    serverUrl: server.url,
    otherServerUrl: async (name) => (await (started[name] ??= others[name]())).url,
    browserPath,
    temporaryFolder,
    artifactsFolder: inRepo('test/e2e/artifacts'),
  };
  const servers = () => Promise.all([server, ...Object.values(started)]);
  const stop = async () => void (await Promise.all((await servers()).map((one) => one.stop())));
  const log = async () => (await servers()).map((one) => one.log()).join('\n');
  return { environment, stop, log };
}

function existingPackage() {
  const { name, version } = JSON.parse(readFileSync(inRepo('package.json'), 'utf8'));
  const vsix = inRepo(`${name}-${version}.vsix`);
  if (!existsSync(vsix)) throw new Error(`${vsix} is missing: run npm run package first.`);
  return vsix;
}
