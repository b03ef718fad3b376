import { readFileSync, writeFileSync } from 'node:fs';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';

const manifestPath = 'extension/package.json';

/**
 * Copies a package without its entry for Node. VS Code then runs it in its extension host in the browser, as it does on
 * vscode.dev and github.dev, where there is no Node.
 * @param {string} vsix
 * @param {string} target
 */
export function writeBrowserOnlyPackage(vsix, target) {
  const files = unzipSync(readFileSync(vsix));
  const manifest = JSON.parse(strFromU8(files[manifestPath]));
  delete manifest.main;
  delete manifest.extensionKind;
  writeFileSync(target, zipSync({ ...files, [manifestPath]: strToU8(JSON.stringify(manifest)) }));
}
