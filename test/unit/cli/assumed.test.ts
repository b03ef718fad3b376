import path from 'node:path';
import { expect, test } from 'vitest';
import { aboutText, assumedRows } from '../../../planner-core/cli/assumedText';
import { heaviestModules } from '../../../planner-core/cli/heaviestModules';
import { machineOf } from '../../../planner-core/cli/machineOptions';
import { openModelFile } from '../../../planner-core/cli/models';
import { readOptions, workloadOf } from '../../../planner-core/cli/options';
import type { Precision } from '../../../planner-core/step/workload';

const rowsOf = (...args: string[]): string[][] => {
  const { options } = readOptions(args);
  return assumedRows(workloadOf(options), options, { weightType: 'float32' });
};

test('settings that were not typed are told, those that were are not', () => {
  expect(rowsOf()).toEqual([['assumed', 'optimizer none, loss sum, precision fp32']]);
  expect(rowsOf('--optimizer', 'adamw')).toEqual([['assumed', 'loss sum, precision fp32']]);
  expect(rowsOf('--optimizer', 'none', '--loss', 'sum', '--precision', 'fp32')).toEqual([]);
  expect(rowsOf('--mode', 'inference')).toEqual([['assumed', 'precision fp32']]);
});

test('a program that switches autocast on runs in it', () => {
  const { options } = readOptions(['--mode', 'inference']);
  const of = (precision: Precision) =>
    assumedRows({ ...workloadOf(options), precision }, options, {
      weightType: 'float32',
      autocast: 'bfloat16',
    });
  expect(of('fp32')).toEqual([['assumed', 'precision of the program (bf16-autocast)']]);
  expect(of('fp16-autocast')).toEqual([['assumed', 'precision fp16-autocast']]);
});

test('a file of other numbers than float32 is computed in those', () => {
  const { options } = readOptions(['--mode', 'inference']);
  const of = (precision: Precision) =>
    assumedRows({ ...workloadOf(options), precision }, options, { weightType: 'float16' });
  expect(of('fp32')).toEqual([['assumed', 'precision of the file (float16)']]);
  expect(of('bf16')).toEqual([['assumed', 'precision bf16']]);
});

test('sizes that were not typed are marked', () => {
  const { options } = readOptions(['--dim', 'seq=64']);
  const workload = workloadOf(options);
  const dims = [
    { name: 'batch', assumed: 8 },
    { name: 'seq', assumed: 512 },
  ];
  const device = { id: 'gpu0', name: 'T4', memoryBytes: 16 * 2 ** 30 };
  expect(aboutText({ dims, weightType: 'float32' }, { workload, devices: [device] }, options)).toBe(
    [
      'dimensions  batch 8 (assumed), seq 64',
      'device      T4, 16.0 GiB',
      'assumed     optimizer none, loss sum, precision fp32',
    ].join('\n'),
  );
});

test('modules that are alike are one row with what they keep together', () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  const session = openModelFile(path.join(root, 'samples/gpt2_small.train.onnx'));
  const inputs = session.defaultInputs(machineOf({}).devices);
  const { modules } = session.profile(inputs, 'none');
  const [head, first, ...rows] = heaviestModules(modules).split('\n');
  expect(head).toMatch(/^modules without submodules +number +kept/);
  expect(first).toMatch(/^transformer\.h\.\{0-11\}\.\S+ +12 /);
  expect(rows.length).toBeLessThan(10);
});

test('an inference keeps nothing: its modules come by their time', () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  const session = openModelFile(path.join(root, 'samples/gpt2_small.train.onnx'));
  const inputs = session.defaultInputs(machineOf({}).devices);
  const workload = { ...inputs.workload, mode: 'inference' as const };
  const { modules } = session.profile({ ...inputs, workload }, 'none');
  const [head, first] = heaviestModules(modules, 'inference').split('\n');
  expect(head).toMatch(/^modules without submodules +number +time +of each +bound by$/);
  const family = (name: string): string => name.replace(/\.\{?\d[^.]*/, '.*');
  const times = new Map<string, number>();
  for (const [name, { timeMs }] of Object.entries(modules))
    times.set(family(name), (times.get(family(name)) ?? 0) + timeMs);
  const [[slowest]] = [...times].sort(([, a], [, b]) => b - a);
  expect(family(first.split(' ')[0])).toBe(slowest);
});
