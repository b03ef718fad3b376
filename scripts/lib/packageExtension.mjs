import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { capture } from './commands.mjs';
import { inRepo, repoRoot } from './paths.mjs';

/** Packages the extension (which builds it first) and returns the path of the .vsix. A warning of the packager fails it. */
export async function packageExtension() {
  const { name, version } = JSON.parse(readFileSync(inRepo('package.json'), 'utf8'));
  const vsix = inRepo(`${name}-${version}.vsix`);
  const output = await capture(
    process.execPath,
    [
      inRepo('node_modules/@vscode/vsce/vsce'),
      'package',
      // Everything is bundled.
      '--no-dependencies',
      // No public repository yet, so relative links in the README cannot be made absolute.
      '--allow-missing-repository',
      '--no-rewrite-relative-links',
      ...['--out', vsix],
    ],
    { cwd: repoRoot },
  );
  const warnings = warningsOf(output);
  if (warnings.length > 0) throw new Error(`vsce package warns:\n${warnings.join('\n')}`);
  return vsix;
}

/** Lines of the packager's output that warn; also coloured ones. */
export const warningsOf = (output) =>
  stripVTControlCharacters(output)
    .split('\n')
    .filter((line) => /^\s*WARNING\b/.test(line));
