import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ChunkAnswer } from '../../../planner-core/session/chunks/chunkQuestion';

const root = path.resolve(import.meta.dirname, '../../..');

function plan(...args: string[]) {
  const model = path.join(root, 'samples/tiny_transformer.train.pt2');
  const command = [path.join(root, 'scripts/headroom.mjs'), 'plan', model, '--optimizer', 'adamw', ...args];
  return spawnSync(process.execPath, command, { encoding: 'utf8' });
}

describe('plan --chunks', () => {
  test('says the same in words and as JSON', () => {
    const options = ['--budget', '60%', '--offload', 'host', '--chunks', 'auto'];
    const words = plan(...options);
    expect(words.status).toBe(0);
    expect(words.stdout).toMatch(/^Sizes that fit, over a link of 24 GB\/s:$/m);
    expect(words.stderr).toContain('The host updates when backward has ended');
    const { best, sizes } = JSON.parse(plan(...options, '--json').stdout) as ChunkAnswer;
    expect(words.stdout).toContain(`${best!.updatedOnDevice} of ${best!.chunkCount}`);
    expect(sizes.map(({ chunkBytes }) => chunkBytes)).toContain(best!.chunkBytes);
  });

  test('exits with 1 where nothing fits, and says what would', () => {
    const { status, stderr } = plan('--budget', '1KiB', '--offload', 'host', '--chunks', 'auto');
    expect(status).toBe(1);
    expect(stderr).toMatch(/Nothing fits 1.00 KiB: with chunks of .* a step runs in /);
  });

  test.each([
    [['--chunks', 'auto'], '--offload host'],
    [['--offload', 'host', '--chunks', 'many'], '"many"'],
    [['--offload', 'host', '--chunks', '8B'], 'does not hold'],
    [['--offload', 'host', '--chunks', 'auto', '--update-on', 'moon'], '"moon"'],
    [['--offload', 'host', '--chunks', 'auto', '--out', 'plan.json'], '--out'],
    [['--offload', 'host', '--chunks', 'auto', '--objective', 'energy'], '--objective'],
    [['--update-on', 'host'], '--chunks'],
  ])('%j is bad usage', (options, what) => {
    const { status, stderr } = plan('--budget', '60%', ...options);
    expect(status).toBe(2);
    expect(stderr).toContain(what);
  });
});
