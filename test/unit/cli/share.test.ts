import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ShareAnswer } from '../../../planner-core/session/share/shareDevice';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'headroom-share-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mlp = path.join(root, 'samples/tiny_mlp.train.onnx');

function headroom(...args: string[]) {
  return spawnSync(process.execPath, [path.join(root, 'scripts/headroom.mjs'), ...args], {
    encoding: 'utf8',
  });
}

describe('share', () => {
  test('gives each job its dimensions and a plan file that checks', () => {
    const { status, stdout } = headroom(
      'share',
      mlp,
      mlp,
      '--dim',
      'batch=8',
      '--dim',
      '2:batch=64',
      '--out',
      folder,
      '--json',
    );
    expect(status).toBe(0);
    const { jobs, peakBytes } = JSON.parse(stdout) as ShareAnswer;
    expect(jobs[1].keepAllPeakBytes).toBeGreaterThan(jobs[0].keepAllPeakBytes);
    expect(peakBytes).toBe(jobs[0].totalBytes + jobs[1].totalBytes);
    const files = readdirSync(folder).sort();
    expect(files).toEqual(['1.tiny_mlp.train.onnx.plan.json', '2.tiny_mlp.train.onnx.plan.json']);
    for (const file of files)
      expect(headroom('check', path.join(folder, file), '--model', mlp).status).toBe(0);
  });

  test('exits with 1 where the jobs do not fit', () => {
    const { status, stderr } = headroom('share', mlp, mlp, '--memory', '1MiB');
    expect(status).toBe(1);
    expect(stderr).toContain('The jobs take at least');
  });

  test.each([
    [[mlp], 'two models'],
    [[mlp, mlp, '--alignment', 'never'], '"never"'],
    [[mlp, mlp, '--dim', '3:batch=8'], '"3:batch=8"'],
    [[mlp, mlp, '--dim', 'height=8'], 'no dimension "height"'],
    [[mlp, mlp, '--dim', 'batch=8', '--dim', '2:height=8'], 'no dimension "height"'],
    [[mlp, mlp, '--memory', 'much'], '"much"'],
    [[mlp, mlp, '--memory', '24'], 'Did you mean 24GiB, or 24MiB?'],
    [[mlp, mlp, '--objective', 'energy'], 'objective'],
  ])('%j is bad usage', (args, what) => {
    const { status, stderr } = headroom('share', ...args);
    expect(status).toBe(2);
    expect(stderr).toContain(what);
  });
});
