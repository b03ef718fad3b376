import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PackAnswer } from '../../../planner-core/session/packs/answerPacks';

const root = path.resolve(import.meta.dirname, '../../..');

function plan(...args: string[]) {
  const model = path.join(root, 'samples/resnet50.train.onnx');
  const workload = ['--dim', 'batch=2', '--micro-batches', '4', '--budget', '60%'];
  const command = [path.join(root, 'scripts/headroom.mjs'), 'plan', model, ...workload, ...args];
  return spawnSync(process.execPath, command, { encoding: 'utf8' });
}

describe('plan --packs', () => {
  test('says the same in words and as JSON', () => {
    const options = ['--offload', 'host', '--packs', '4'];
    const words = plan(...options);
    expect(words.status).toBe(0);
    expect(words.stdout).toMatch(/^pack 4 +.* … after the layers$/m);
    const { best, withoutPacks } = JSON.parse(plan(...options, '--json').stdout) as PackAnswer;
    const verdict = best!.stepTimeMs < withoutPacks!.stepTimeMs ? 'packs are faster' : 'leave --packs out';
    expect(words.stdout).toMatch(new RegExp(`^without packs +.*, \\+.*${verdict}$`, 'm'));
    expect(best!.packs.length).toBe(4);
    expect(words.stdout).toContain(`4 in groups of ${best!.groupSize}`);
  });

  test.each([
    [['--packs', 'auto'], '--offload'],
    [['--offload', 'host', '--packs', '0'], '"0"'],
    [['--offload', 'host', '--packs', 'some'], '"some"'],
    [['--offload', 'host', '--packs', '999'], '999 packs'],
    [['--offload', 'host', '--packs', 'auto', '--micro-batches', '0'], '--micro-batches is "0"'],
    [['--offload', 'host', '--packs', 'auto', '--chunks', 'auto'], '--chunks'],
    [['--offload', 'host', '--packs', 'auto', '--out', 'plan.json'], '--out'],
  ])('%j is bad usage', (options, what) => {
    const { status, stderr } = plan(...options);
    expect(status).toBe(2);
    expect(stderr).toContain(what);
  });

  test('exits with 1 where nothing fits', () => {
    const { status, stderr } = plan('--offload', 'host', '--packs', 'auto', '--budget', '1MiB');
    expect(status).toBe(1);
    expect(stderr).toContain('No packs and groups that were tried fit 1.00 MiB.');
  });
});
