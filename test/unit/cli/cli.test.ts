import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const sample = (name: string): string => path.join(root, 'samples', name);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headroom-cli-'));
  copyFileSync(sample('tiny_mlp.train.onnx'), path.join(folder, 'tiny.onnx'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command in the temporary folder. */
function headroom(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [path.join(root, 'scripts/headroom.mjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
}

const json = (...args: string[]): Record<string, unknown> => {
  const { stdout, stderr, status } = headroom(...args, '--json');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
};

describe('inspect', () => {
  test('prints structure with symbolic dimensions as text', () => {
    const value = json('inspect', 'tiny.onnx');
    expect(value).toMatchObject({
      format: 'onnx',
      inputs: [{ name: 'input', dtype: 'float32', shape: ['batch', 784] }],
      unprofiledOperators: [],
    });
    const bound = json('inspect', 'tiny.onnx', '--dim', 'batch=3');
    expect(bound.inputs).toMatchObject([{ shape: [3, 784] }]);
  });

  test('over several files prints a line each and goes on after a bad one', () => {
    writeFileSync(path.join(folder, 'empty.onnx'), '');
    const { stdout, status } = headroom('inspect', 'tiny.onnx', 'empty.onnx', 'tiny.onnx', '--json');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { file: string; error?: { code: string } });
    expect(lines.map((line) => line.file)).toEqual(['tiny.onnx', 'empty.onnx', 'tiny.onnx']);
    expect(lines[1].error?.code).toBe('empty-file');
    expect(status).toBe(2);
  });
});

test('profile prints the numbers of one step', () => {
  const value = json(
    'profile',
    'tiny.onnx',
    '--dim',
    'batch=16',
    '--optimizer',
    'adamw',
    '--semantics',
    'cpu',
  );
  expect(Object.keys(value)).toEqual(
    expect.arrayContaining([
      'parameterBytes',
      'savedBytes',
      'peakBytes',
      'peak',
      'macs',
      'modules',
      'timeline',
    ]),
  );
  expect(value.gradientBytes).toBe(value.parameterBytes);
});

test('profile says what a CUDA device shows as used, as far as it is asked to', () => {
  interface Shown {
    readonly peakBytes: number;
    readonly allocator: Record<string, number>;
  }
  const { peakBytes, allocator } = json('profile', 'tiny.onnx') as unknown as Shown;
  expect(allocator.requestedPeakBytes).toBe(peakBytes);
  expect(allocator.contextBytes).toBe(450 * 2 ** 20);
  expect(allocator.totalBytes).toBe(allocator.reservedPeakBytes + allocator.contextBytes);
  const without = json('profile', 'tiny.onnx', '--no-context', '--cublas-workspace', 'none');
  const bare = (without as unknown as Shown).allocator;
  expect([bare.contextBytes, bare.workspaceBytes]).toEqual([0, 0]);
  const { stdout } = headroom('profile', 'tiny.onnx', '--allocator', 'expandable', '--context', '1GiB');
  expect(stdout).toMatch(/as nvidia-smi shows it +1\.\d+ GiB/);
});

test('plan, check and export work on each other', () => {
  const { stdout, status } = headroom(
    'plan',
    'tiny.onnx',
    '--budget',
    '1GiB',
    '--out',
    'tiny.onnx.plan.json',
    '--json',
  );
  expect(status).toBe(0);
  expect(readFileSync(path.join(folder, 'tiny.onnx.plan.json'), 'utf8')).toBe(stdout);
  const checked = headroom('check', 'tiny.onnx.plan.json');
  expect(checked.status).toBe(0);
  expect(checked.stdout).toMatch(/fits: gpu0 needs .* the budget is 1\.00 GiB\nfits: gpu0 .* the device has/);
  expect(headroom('export', 'tiny.onnx.plan.json', '--target', 'timeline-csv').stdout).toContain(
    'live_bytes',
  );

  const changed = stdout.replace(/"peakBytes": \d+/, '"peakBytes": 1');
  writeFileSync(path.join(folder, 'changed.plan.json'), changed);
  const check = headroom('check', 'changed.plan.json');
  expect(check.status).toBe(1);
  expect(check.stderr).toContain('prediction.peakBytes is 1');
});

test('check refuses a plan that is over its budget or larger than a device, and says which', () => {
  const { stdout } = headroom('plan', 'tiny.onnx', '--budget', '1GiB', '--json');
  const file = path.join(folder, 'large.plan.json');
  const failed = (text: string): string => {
    writeFileSync(file, text);
    const { status, stderr } = headroom('check', 'large.plan.json');
    expect(status).toBe(1);
    expect(stderr).toContain('check-failed: The plan does not fit: gpu0 needs');
    return stderr;
  };
  expect(failed(stdout.replace(/"budgetBytes": \d+/, '"budgetBytes": 1024'))).toContain(
    'the budget is 1.00 KiB',
  );
  const small = failed(stdout.replace(/"memoryBytes": \d+/, '"memoryBytes": 2048'));
  expect(small).toContain('the device has 2.00 KiB');
  expect(small.match(/does not fit:.*/)![0]).not.toContain('the budget');
  expect(JSON.parse(headroom('check', 'large.plan.json', '--json').stdout)).toMatchObject({
    error: { code: 'check-failed' },
  });
});

test('what fills up a device with the allocator and the context is warned of, and not said to fit', () => {
  const crowded = ['--context', '24GiB'];
  const planned = headroom('plan', 'tiny.onnx', '--budget', '24GiB', '--out', 'full.plan.json', ...crowded);
  const warning =
    /^warning: gpu0: within the budget, but it takes 24\.\d GiB with PyTorch's allocator and the CUDA context, more than the RTX 4090 has\.$/m;
  expect(planned.status).toBe(0);
  expect(planned.stderr).toMatch(warning);
  const checked = headroom('check', 'full.plan.json', '--model', 'tiny.onnx', ...crowded);
  expect(checked.status).toBe(0);
  expect(checked.stdout).toMatch(warning);
  expect(checked.stdout).not.toMatch(/fits|ok/);
  const { warnings } = json('check', 'full.plan.json', '--model', 'tiny.onnx', ...crowded);
  expect(warnings).toHaveLength(1);

  const roomy = headroom('check', 'full.plan.json', '--model', 'tiny.onnx');
  expect(roomy.stdout).toMatch(/fits: gpu0[^]*\nok\n$/);
  expect(roomy.stdout).not.toContain('warning');
});

describe('exit codes', () => {
  test.each([
    [1, 'infeasible', ['plan', 'tiny.onnx', '--budget', '1KiB']],
    [2, 'bad-usage', ['plan', 'tiny.onnx']],
    [2, 'bad-usage', ['dance', 'tiny.onnx']],
    [2, 'bad-usage', ['profile', 'tiny.onnx', '--allocator', 'arena']],
    [2, 'bad-usage', ['profile', 'tiny.onnx', '--roundup-power2', '3']],
    [2, 'bad-usage', ['profile', 'tiny.onnx', '--context', 'much']],
    [2, 'bad-usage', ['profile', 'tiny.onnx', '--precision', 'fp12']],
    [2, 'bad-usage', ['inspect', 'tiny.onnx', '--dim', 'batch=zero']],
    [2, 'unknown-device', ['profile', 'tiny.onnx', '--device', 'Abacus']],
    [2, 'file-access', ['inspect', 'missing.onnx']],
  ])('%d for %s', (status, code, args) => {
    const run = headroom(...args);
    expect(run.status).toBe(status);
    expect(run.stderr).toContain(code);
    expect(run.stdout).toBe('');
  });
});

test.each([
  [['plan', 'tiny.onnx', '--budgt', '8GiB'], 'There is no option --budgt.\n  Did you mean --budget?'],
  [['inspect', 'tiny.onnx', '--jsn'], 'Did you mean --json?'],
  [['plan', 'tiny.onnx', '--budget', '--offload', 'host'], '--budget needs a value.'],
  [['plan', 'tiny.onnx', '--budget'], '--budget needs a value.'],
  [['plna', 'tiny.onnx'], 'There is no command "plna".\n  Did you mean "plan"?'],
  [['plan', 'tiny.onnx', '--budget', '22'], 'that is 22 bytes.\n  Did you mean 22GiB'],
  [['fit', 'tiny.onnx', '--memory', '24'], 'Did you mean 24GiB'],
  [['profile', 'tiny.onnx', '--device', 'RTX 4090:20'], 'Did you mean 20GiB'],
  [
    ['plan', 'tiny.onnx', '--budget', '1GiB', '--sizes', 'no.txt'],
    'no.txt does not exist.\n  Give a file of sizes',
  ],
  [['plan', 'tiny.onnx', '--max-split', 'x', '--budget', '1GiB'], 'headroom plan --help has the options'],
  [['export', 'a.plan.json', '--target', 'compile'], 'Did you mean compile-budget?'],
  [['export', 'a.plan.json'], 'export needs --target TARGET.\n  Targets: plan-json, pytorch'],
  [['calibrate', 'a.csv', '--device', 'T4'], 'headroom measure MODEL FILE --calibrate'],
  [
    ['profile', 'tiny.onnx', '--device', 'RTX 409'],
    'There is no device "RTX 409".\n  Did you mean RTX 4090?',
  ],
  [['check', 'a', 'b'], 'takes one file, and there are 2'],
  [['check', 'no.json'], 'file-access: no.json does not exist.\n  Check the path.'],
  [['check', 'tiny.onnx'], 'tiny.onnx is no plan file.\n  headroom plan MODEL --out FILE writes one.'],
  [['split', 'tiny.onnx', '--between', 'T4,A10'], 'There is no device "T4".\n  There is one device, gpu0'],
  [['split', 'tiny.onnx', '--between', 'gpu0,gpu0'], 'both are the same'],
])('%j is answered with what may have been meant', (args, words) => {
  const { status, stdout, stderr } = headroom(...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(words);
});

test('--sizes takes a histogram as it is typed, or a file', () => {
  writeFileSync(path.join(folder, 'sizes.txt'), '64:0.2 128:0.35');
  const plan = (sizes: string) =>
    headroom('plan', 'tiny.onnx', '--budget', '1GiB', '--dimensions', 'batch', '--sizes', sizes);
  const typed = plan('64:0.2 128:0.35');
  expect(typed.status).toBe(0);
  expect(typed.stdout).toMatch(/^64 – 128 +100\.0 %/m);
  const rows = (text: string): string => text.slice(0, text.indexOf('way of planning'));
  expect(rows(plan('sizes.txt').stdout)).toBe(rows(typed.stdout));
});

test('plan sums up what it decides, and lists it with --verbose', () => {
  const gpt2 = [sample('gpt2_small.train.onnx'), '--dim', 'batch=1', '--dim', 'seq=16', '--budget', '100%'];
  const pins = [2, 3, 4, 10].flatMap((block) => ['--pin', `transformer.h.${block}.mlp=recompute`]);
  expect(headroom('plan', ...gpt2, ...pins).stdout).toMatch(
    /^recompute \(by hand\) +transformer\.h\.\{2-4,10\}\.mlp \(4 of 12\)$/m,
  );
  const lines = headroom('plan', ...gpt2, ...pins, '--verbose').stdout.match(/^recompute .*/gm);
  expect(lines?.map((line) => line.split(/ {2,}/)[1])).toEqual(
    [2, 3, 4, 10].map((block) => `transformer.h.${block}.mlp`),
  );
});

test('plan speaks of energy where it makes least of that, and proves nothing about it', () => {
  const args = ['plan', 'tiny.onnx', '--dim', 'batch=65536', '--budget', '100%', '--objective', 'energy'];
  const { status, stdout } = headroom(...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^proven +nothing about energy/m);
  const energy = /^energy +\S+ m?J a step; keeping everything \S+ m?J$/m;
  expect(stdout).toMatch(energy);
  // So that there is something to compare it with.
  const forTime = headroom(...args.slice(0, -2)).stdout;
  expect(forTime).toMatch(energy);
  expect(forTime).not.toContain('nothing about energy');
});

test('names of readings that change nothing, and pins of pieces, are told', () => {
  const gpt2 = [sample('gpt2_small.train.onnx'), '--dim', 'batch=1', '--dim', 'seq=16'];
  const typo = headroom('profile', ...gpt2, '--as-exported', 'layernorm');
  expect(typo.status).toBe(0);
  expect(typo.stderr).toMatch(/--as-exported layernorm changes nothing: this model has .*layer-norm/);
  expect(headroom('profile', ...gpt2, '--as-exported', 'layer-norm').stderr).toBe('');
  const pinned = headroom(
    'plan',
    ...gpt2,
    '--budget',
    '100%',
    '--pin',
    '/transformer/h.0/ln_1/Sub=recompute',
  );
  expect(pinned.stderr).toContain('read as part of torch.nn.functional.layer_norm');
});

test('plan --prove proves how fast a plan can be', () => {
  const args = ['plan', 'tiny.onnx', '--dim', 'batch=65536', '--budget', '92%', '--strategy', 'schedule'];
  const { prediction: before } = json(...args) as { prediction: Record<string, number> };
  const { status, stdout, stderr } = headroom(...args, '--prove', '--json');
  expect(stderr).toContain('proof: the plan is optimal');
  expect(status).toBe(0);
  const { prediction } = JSON.parse(stdout) as { prediction: Record<string, number> };
  expect(before.lowerBoundPercent).toBeLessThan(prediction.lowerBoundPercent);
  expect(prediction.lowerBoundPercent).toBeCloseTo(prediction.overheadPercent);
  expect(headroom(...args, '--prove', '--planner', 'every block')).toMatchObject({ status: 2 });
});

test('diff tells what differs between two plans, and wants two', () => {
  const made = (batch: number, out: string) =>
    headroom('plan', 'tiny.onnx', '--dim', `batch=${batch}`, '--budget', '100%', '--out', out);
  expect(made(64, 'a.plan.json').status).toBe(0);
  expect(made(32, 'b.plan.json').status).toBe(0);
  expect(headroom('diff', 'a.plan.json', 'a.plan.json').stdout).toBe('The plans say the same.\n');
  expect(headroom('diff', 'a.plan.json', 'b.plan.json').stdout).toMatch(/^Settings:\n {2}batch: 64 → 32\n/);
  expect(json('diff', 'a.plan.json', 'b.plan.json').differences).toContainEqual(
    expect.objectContaining({ about: 'setting', what: 'batch', before: '64', after: '32' }),
  );
  expect(headroom('diff', 'a.plan.json')).toMatchObject({ status: 2 });
});
