import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FitOptions, LargestSize, LeastBudget } from '../../../planner-core/session/goals/goal';

const root = path.resolve(import.meta.dirname, '../../..');

function fit(...args: string[]) {
  const model = path.join(root, 'samples/unet.train.onnx');
  const command = [path.join(root, 'scripts/headroom.mjs'), 'fit', model, ...args];
  return spawnSync(process.execPath, command, { encoding: 'utf8' });
}

const workload = ['--dim', 'batch=16', '--dim', 'height=64', '--dim', 'width=64'];

describe('fit', () => {
  test('answers the three questions, in words and as JSON', () => {
    const { stdout, stderr, status } = fit(...workload, '--memory', '1GiB');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^assumed +optimizer none, .*\n\nSmallest budget adding at most 10 %: \d+ MiB \(\+/m,
    );
    expect(stdout).toMatch(/^Largest batch in 1.00 GiB adding at most 10 %: \d+$/m);
    expect(stdout).toMatch(/^\d+ (does not fit|is too slow): /m);
    expect(stdout).toMatch(/^Train in pure bf16 +fits +\d+ MiB ± 150 MiB +× 0.\d\d +changes$/m);

    // Every answer can be planned as it is printed.
    expect(stdout).toMatch(/^To plan one of them: headroom plan \S+unet.train.onnx --dim batch=16 .*, and$/m);
    expect(stdout).toMatch(/^Train in pure bf16 +--precision bf16 --budget \d+B$/m);

    const json = JSON.parse(fit(...workload, '--memory', '1GiB', '--json').stdout) as {
      leastBudget: LeastBudget;
      largestSize: LargestSize;
      options: FitOptions;
    };
    expect(stdout).toContain(`: ${json.largestSize.largest!.size}\n`);
    expect(json.options.memoryBytes).toBe(2 ** 30);
    for (const { label } of json.options.options) expect(stdout).toContain(label);
  });

  test('answers about one dimension alone', () => {
    const { stdout, status } = fit(...workload, '--largest', 'height', '--max-overhead', '0', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ largestSize: { dimension: 'height', granularity: 16 } });
  });

  test('exits with 1 when nothing fits this device', () => {
    const { stdout, status } = fit(...workload, '--memory', '460MiB');
    expect(status).toBe(1);
    expect(stdout).toContain('Nothing that was tried fits 460 MiB of this device:');
  });

  test.each([
    ['--memory', 'much'],
    ['--max-overhead', 'little'],
    ['--largest', 'seq'],
  ])('%s %s is bad usage', (option, value) => {
    const { stderr, status } = fit(...workload, option, value);
    expect(status).toBe(2);
    expect(stderr).toContain(`"${value}"`);
  });
});
