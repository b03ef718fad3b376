import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { inRepo } from './paths.mjs';

/** Folder of the package a bundled file belongs to, e.g. "node_modules/@scope/name"; undefined for our own files. */
function packageOf(file) {
  const at = file.lastIndexOf('node_modules/');
  if (at < 0) return undefined;
  const [first, second] = file.slice(at + 'node_modules/'.length).split('/');
  return (
    file.slice(0, at) + path.posix.join('node_modules', first.startsWith('@') ? `${first}/${second}` : first)
  );
}

/**
 * The licences of everything from others that bundles contain, as their terms ask for.
 * @param {Iterable<string>} files inputs of the bundles, relative to the repository
 */
export function thirdPartyNotices(files) {
  const folders = [...new Set([...files].map(packageOf))].filter((folder) => folder !== undefined).sort();
  const notices = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(inRepo(folder, 'package.json'), 'utf8'));
    const licence = readdirSync(inRepo(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      licence && existsSync(inRepo(folder, licence)) ? readFileSync(inRepo(folder, licence), 'utf8') : '';
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return `Headroom contains software of others:\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
