// npm run e2e [-- part of a scenario's name]: drives Headroom in a real VS Code in a real browser.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createProfile, freePort, installExtension, startServer } from '../../scripts/lib/codeServer.mjs';
import { setUpCodeServer } from '../../scripts/lib/codeServerSetup.mjs';
import { ensureInstalled } from '../../scripts/lib/ensureInstalled.mjs';
import { loadTypeScript } from '../../scripts/lib/loadTypeScript.mjs';
import { packageExtension } from '../../scripts/lib/packageExtension.mjs';
import { inRepo, repoRoot } from '../../scripts/lib/paths.mjs';
import { requireBrowser } from '../../scripts/lib/systemPackages.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Write the pictures of docs/images instead of testing. */
    screenshots: { type: 'boolean', default: false },
    /** Take the .vsix that is there. */
    'no-package': { type: 'boolean', default: false },
    /** File for the counts, in the form of vitest's JSON report. */
    report: { type: 'string' },
    /** Print the server's log at the end. */
    'server-log': { type: 'boolean', default: false },
  },
});

/** What scenarios rely on; everything else about the editor is as quiet as for users of `npm start`. */
const testSettings = {
  'files.simpleDialog.enable': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'window.confirmBeforeClose': 'never',
  'workbench.editor.enablePreview': false,
  'workbench.reduceMotion': 'on',
};

async function main() {
  await ensureInstalled();
  const browserPath = await requireBrowser();
  await setUpCodeServer();
  const vsix = values['no-package'] ? existingPackage() : await packageExtension();
  const temporaryFolder = mkdtempSync(path.join(tmpdir(), 'headroom-e2e-'));
  process.once('exit', () => rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 5 }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

  const profile = createProfile(temporaryFolder, testSettings);
  await installExtension(profile, vsix);
  const home = Object.fromEntries(
    ['HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME'].map((name) => [name, temporaryFolder]),
  );
  const server = await startServer({ profile, port: await freePort(), environment: home });
  try {
    const { runScenarios } = await loadTypeScript('test/e2e/main.ts');
    const { passed, failed } = await runScenarios(
      {
        repoRoot,
        serverUrl: server.url,
        browserPath,
        temporaryFolder,
        artifactsFolder: inRepo('test/e2e/artifacts'),
      },
      { screenshots: values.screenshots, filter: positionals[0] },
    );
    console.log(`${passed} scenarios passed, ${failed} failed`);
    if (values.report) {
      writeFileSync(values.report, JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
    }
    return failed === 0 && passed > 0 ? 0 : 1;
  } finally {
    await server.stop();
    if (values['server-log']) console.log(server.log());
  }
}

function existingPackage() {
  const { name, version } = JSON.parse(readFileSync(inRepo('package.json'), 'utf8'));
  const vsix = inRepo(`${name}-${version}.vsix`);
  if (!existsSync(vsix)) throw new Error(`${vsix} is missing: run npm run package first.`);
  return vsix;
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
