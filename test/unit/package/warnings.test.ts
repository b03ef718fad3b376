import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { warningsOf } from '../../../scripts/lib/packageExtension.mjs';

const vsce = path.resolve(import.meta.dirname, '../../../node_modules/@vscode/vsce/vsce');

it('finds the warnings of the packager, and takes nothing else for one', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'headroom-package-'));
  try {
    const manifest = { name: 'x', version: '0.0.1', publisher: 'p', engines: { vscode: '^1.100.0' } };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(path.join(folder, 'README.md'), '# x\n');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [vsce, 'package', '--allow-missing-repository', '--skip-license'],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '1' }, input: 'y\n' },
    );
    // Without activation events, a .vscodeignore or a list of files it has something to say.
    expect(warningsOf(stdout + stderr), stdout + stderr).not.toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(warningsOf(' INFO  Files included\nnpm warn Unknown user config\n DONE  Packaged')).toEqual([]);
});
