import { beforeAll, expect, test } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { findDevice } from '../../../../planner-core/devices/catalogue';
import type { PlannedModel } from '../../../../planner-core/exporters/pytorch/carriedPlan';
import { modulesInstead } from '../../../../planner-core/exporters/pytorch/modulesInstead';
import { openModel } from '../../../../planner-core/formats/openModel';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { keepEverything, type Directives } from '../../../../planner-core/simulator/schedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { buildStep } from '../../../../planner-core/step/buildStep';
import { defaultWorkload } from '../../../../planner-core/step/workload';
import { examplePlan } from '../../support/examplePlan';
import { bytesOf } from '../plannedModel';

let model: PlannedModel;
const peakOf = (directives: Directives): number =>
  simulate(model.step, compileSchedule(model.step, directives)).peakBytes;

beforeAll(() => {
  const name = 'unet.train.onnx';
  const graph = openModel(new MemoryByteSource(bytesOf(name)), name);
  const workload = { ...defaultWorkload, dims: { batch: 4, height: 256, width: 256 } };
  const { step } = buildStep(graph, workload, [{ id: 'gpu0', spec: findDevice('RTX 4090')! }]);
  model = { graph, step, layers: layerIndexOf(graph.modules, step) };
});

const plan = (budgetBytes: number) => ({
  ...examplePlan,
  strategy: 'selective' as const,
  decisions: [],
  offloads: undefined,
  budgetBytes,
});

test.each([0.95, 0.85, 0.75])('at %d of the peak whole modules keep the budget, and are named', (share) => {
  const budgetBytes = Math.floor(share * peakOf(keepEverything));
  const carried = modulesInstead(model, plan(budgetBytes))!;
  expect(peakOf(carried.directives)).toBeLessThanOrEqual(budgetBytes);
  const modules = carried.checkpoints.map(({ module }) => module);
  expect(modules.length).toBeGreaterThan(0);
  for (const [i, a] of modules.entries())
    for (const b of modules.slice(i + 1))
      expect(`${a}.`.startsWith(`${b}.`) || `${b}.`.startsWith(`${a}.`)).toBe(false);
  const { instead } = carried.notCarried.find(
    ({ decision }) => decision === 'which single operators run again',
  )!;
  for (const module of modules.slice(0, 2)) expect(instead).toContain(module);
});

test('nothing is found for a budget that no set of modules keeps', () => {
  expect(modulesInstead(model, plan(1))).toBeUndefined();
});

test('what a person has decided is not decided otherwise', () => {
  const pinned = { target: 'inc', kind: 'module', choice: 'keep', pinned: true } as const;
  const budgetBytes = Math.floor(0.9 * peakOf(keepEverything));
  expect(modulesInstead(model, { ...plan(budgetBytes), decisions: [pinned] })).toBeUndefined();
});

test('modules of the plan stay, and those that are added are named, where what should leave cannot', () => {
  const [own] = modulesInstead(model, plan(Math.floor(0.95 * peakOf(keepEverything))))!.checkpoints;
  const decisions = [{ target: own.module, kind: 'module', choice: 'recompute' } as const];
  const budgetBytes = Math.floor(0.75 * peakOf(keepEverything));
  const whole = { ...plan(budgetBytes), strategy: 'module-checkpoint' as const, decisions };
  const { checkpoints, directives, notCarried } = modulesInstead(model, whole)!;
  expect(peakOf(directives)).toBeLessThanOrEqual(budgetBytes);
  expect(checkpoints.map(({ module }) => module)).toContain(own.module);
  const { instead } = notCarried.find(({ decision }) => decision === 'results to offload that stay')!;
  expect(instead).toContain(`${checkpoints.length - 1} module`);
});
