import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const command = path.join(root, 'scripts/headroom.mjs');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headroom-dims-'));
  copyFileSync(path.join(root, 'samples/tiny_mlp.train.onnx'), path.join(folder, 'tiny.onnx'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function headroom(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [command, ...args], { cwd: folder, encoding: 'utf8' });
}

test.each([
  ['profile', 'tiny.onnx'],
  ['plan', 'tiny.onnx', '--budget', '90%'],
  ['fit', 'tiny.onnx'],
])('%s refuses a dimension that the model does not have', (...args) => {
  const { status, stderr, stdout } = headroom(...args, '--dim', 'batchsize=16');
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('bad-workload: --dim batchsize: the model has no dimension "batchsize".');
  expect(stderr).toContain('Dimensions: batch.');
});

test('of several files, those that lack a dimension are named and go on', () => {
  const { status, stderr } = headroom('inspect', 'tiny.onnx', 'tiny.onnx', '--dim', 'seq=16');
  expect(status).toBe(0);
  expect(stderr).toBe('--dim seq changes nothing in tiny.onnx.\n'.repeat(2));
});

test('profile and plan say which sizes and devices they are about', () => {
  const assumed = headroom('profile', 'tiny.onnx').stdout;
  expect(assumed).toMatch(/^dimensions +batch 8 \(assumed\)\ndevice +RTX 4090, 24\.0 GiB\n/);
  const given = headroom('plan', 'tiny.onnx', '--budget', '100%', '--dim', 'batch=32').stdout;
  expect(given).toMatch(/^dimensions +batch 32\ndevice +RTX 4090, 24\.0 GiB\n/);
});

test('a plan whose model is elsewhere asks for it', () => {
  headroom('plan', 'tiny.onnx', '--budget', '100%', '--out', 'a.plan.json');
  const model = path.join(folder, 'tiny.onnx');
  const elsewhere = path.join(folder, 'moved.onnx');
  copyFileSync(model, elsewhere);
  rmSync(model);
  try {
    const { status, stderr } = headroom('check', 'a.plan.json');
    expect(status).toBe(2);
    expect(stderr).toContain('give --model FILE');
    expect(headroom('check', 'a.plan.json', '--model', 'moved.onnx').status).toBe(0);
  } finally {
    copyFileSync(elsewhere, model);
  }
});

test('a reader that leaves early ends the command quietly', () => {
  const line = `"${process.execPath}" "${command}" profile "${path.join(root, 'samples/resnet50.train.onnx')}" --json | head -c 10`;
  const { stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toHaveLength(10);
  expect(stderr).toBe('');
});
