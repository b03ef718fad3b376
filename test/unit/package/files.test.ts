import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import { beforeAll, describe, expect, it } from 'vitest';

const repoRoot = path.resolve(import.meta.dirname, '../../..');

describe('packaged extension', () => {
  beforeAll(() => {
    execFileSync(process.execPath, [path.join(repoRoot, 'scripts/build.mjs'), '--production'], {
      stdio: 'pipe',
    });
  });

  it('holds exactly these files', async () => {
    const files = await listFiles({ cwd: repoRoot, packageManager: PackageManager.None });
    expect(files.sort()).toEqual(['LICENSE', 'package.json']);
  });
});
