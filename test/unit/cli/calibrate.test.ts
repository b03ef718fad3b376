import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCalibration } from '../../../planner-core/devices/calibration';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { rooflineCost, uncalibrated, type Work } from '../../../planner-core/devices/roofline';

const root = path.resolve(import.meta.dirname, '../../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headroom-calibrate-'));
  copyFileSync(path.join(root, 'samples/tiny_mlp.train.onnx'), path.join(folder, 'tiny.onnx'));
  writeFileSync(path.join(folder, 'measured.json'), JSON.stringify(measurements()));
  headroom('calibrate', 'measured.json', '--device', 'L4', '--out', 'l4.json');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const headroom = (...args: string[]) =>
  spawnSync(process.execPath, [path.join(root, 'scripts/headroom.mjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });

/** Times of an L4 whose kernels take twice as long as the starting points say. */
function measurements(): object[] {
  const timing = uncalibrated(findDevice('L4')!);
  const works: Work[] = [1e3, 1e6, 1e8, 1e9].flatMap((amount) => [
    { workClass: 'gemm', macs: amount * 100, trafficBytes: amount / 10, rate: 'fp32' },
    { workClass: 'elementwise', macs: 0, trafficBytes: amount, rate: 'fp32' },
  ]);
  return works.map((work) => ({
    class: work.workClass,
    macs: work.macs,
    bytes: work.trafficBytes,
    ms: 2 * rooflineCost(work, timing).durationMs,
  }));
}

describe('calibrate', () => {
  test('writes the shares that fit the measured times', () => {
    const { classes, launchMs, device } = parseCalibration(
      readFileSync(path.join(folder, 'l4.json'), 'utf8'),
    );
    expect(device).toBe('L4');
    expect(launchMs).toBeCloseTo(0.01, 4);
    expect(classes.gemm?.compute).toBeCloseTo(0.35, 3);
    expect(classes.elementwise?.memory).toBeCloseTo(0.43, 3);
  });

  test('prints the calibration without --out, and a table with it', () => {
    const { stdout, status } = headroom('calibrate', 'measured.json', '--device', 'l4');
    expect(status).toBe(0);
    expect(parseCalibration(stdout).provenance).toBe('8 measurements of measured.json');
    const written = headroom('calibrate', 'measured.json', '--device', 'L4', '--out', 'again.json');
    expect(written.stdout).toMatch(/gemm +0\.350/);
    expect(written.stderr).toContain('wrote again.json');
  });

  test.each<[code: string, args: string[]]>([
    ['bad-usage', ['measured.json']],
    ['unknown-device', ['measured.json', '--device', 'my toaster']],
    ['file-access', ['nowhere.json', '--device', 'L4']],
    ['bad-calibration', ['tiny.onnx', '--device', 'L4']],
  ])('says %s for %j', (code, args) => {
    const { stdout, stderr, status } = headroom('calibrate', ...args);
    expect(stderr).toContain(`${code}: `);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

describe('--calibration', () => {
  const profile = (...args: string[]) =>
    JSON.parse(headroom('profile', 'tiny.onnx', '--device', 'L4', '--json', ...args).stdout) as {
      stepTimeMs: number;
      peakBytes: number;
      assumptions: string[];
    };

  test('changes the times of a profile, not its bytes, and is named', () => {
    const before = profile();
    const after = profile('--calibration', 'l4.json');
    expect(after.stepTimeMs / before.stepTimeMs).toBeGreaterThan(1.8);
    expect(after.peakBytes).toBe(before.peakBytes);
    expect(after.assumptions.join('\n')).toMatch(/times of L4 calibrated with l4\.json \([0-9a-f]{8}\)/);
  });

  test('goes into a plan, which check confirms', () => {
    const planned = headroom(
      ...['plan', 'tiny.onnx', '--device', 'L4', '--calibration', 'l4.json'],
      ...['--budget', '1GiB', '--out', 'tiny.plan.json'],
    );
    expect(planned.status).toBe(0);
    expect(headroom('check', 'tiny.plan.json').stdout).toContain('ok');
    expect(headroom('profile', 'tiny.onnx', '--plan', 'tiny.plan.json').stdout).toContain('l4.json');
  });

  test('of another device is refused', () => {
    const { stderr, status } = headroom(
      ...['frontier', 'tiny.onnx', '--device', 'T4', '--calibration', 'l4.json'],
    );
    expect(stderr).toContain('bad-calibration');
    expect(stderr).toContain('L4');
    expect(status).toBe(2);
  });
});
