import { expect, test } from 'vitest';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { Op, keepEverything } from '../../../planner-core/simulator/schedule';
import { deviceOfNodes } from '../../../planner-core/simulator/sequence';
import { simulate } from '../../../planner-core/simulator/simulate';
import { buildStep } from '../../../planner-core/step/buildStep';
import { Phase } from '../../../planner-core/step/stepGraph';
import { defaultWorkload, type Workload } from '../../../planner-core/step/workload';
import { ModelBuilder } from '../support/modelBuilder';

const graph = new ModelBuilder()
  .input('x', [4, 8])
  .parameter('w0', [8, 16])
  .parameter('w1', [16, 8])
  .operator('MatMul', ['x', 'w0'], ['h'])
  .operator('Relu', ['h'], ['a'])
  .operator('MatMul', ['a', 'w1'], ['y'])
  .build('y');
const spec = findDevice('T4')!;
const devices = ['gpu0', 'gpu1'].map((id) => ({ id, spec }));

const workloads: Partial<Workload>[] = [
  { optimizer: 'adamw', optimizerUpdate: 'foreach' },
  { optimizer: 'adamw', optimizerUpdate: 'foreach', stepKind: 'first' },
  { optimizer: 'adam', optimizerUpdate: 'for-loop', stepKind: 'first', microBatches: 2 },
  { optimizer: 'momentum', optimizerUpdate: 'fused', zeroGrad: 'zero' },
];

test.each(workloads)('parameters are updated where they are, without copies: %o', (changes) => {
  const { step } = buildStep(graph, { ...defaultWorkload, ...changes }, devices);
  // The second product and its backward pass run on the second device.
  const placement = step.nodeOperator.map((operator) => Number(operator === 2));
  const directives = { ...keepEverything, placement: Uint8Array.from(placement) };
  const deviceOf = deviceOfNodes(step, directives);
  step.nodeName.forEach((name, node) => {
    if (step.nodePhase[node] === Phase.optimizer) expect(deviceOf[node], name).toBe(Number(/w1$/.test(name)));
  });
  const schedule = compileSchedule(step, directives);
  const firstUpdate = Array.from(schedule.op).findIndex(
    (op, entry) => op === Op.compute && step.nodePhase[schedule.subject[entry]] === Phase.optimizer,
  );
  expect(firstUpdate).toBeGreaterThan(0);
  const isCopied = (value: string): boolean =>
    schedule.op.some((op, entry) => op === Op.copy && step.valueName[schedule.subject[entry]] === value);
  expect(schedule.op.subarray(firstUpdate)).not.toContain(Op.copy);
  expect(isCopied('a')).toBe(true);
  for (const name of ['w0', 'w1']) expect(isCopied(`gradient of ${name}`), name).toBe(false);
});

test('places layers on far more devices than a byte with a sign could name', () => {
  const many = Array.from({ length: 200 }, (_, i) => ({ id: `gpu${i}`, spec }));
  const { step } = buildStep(graph, { ...defaultWorkload, mode: 'inference' }, many);
  const placement = new Uint8Array(step.nodeCount).fill(199);
  const schedule = compileSchedule(step, { ...keepEverything, placement });
  const { perDevicePeakBytes, timing } = simulate(step, schedule);
  expect(perDevicePeakBytes[199]).toBeGreaterThan(0);
  expect(perDevicePeakBytes.filter((bytes) => bytes > 0)).toHaveLength(1);
  expect(timing!.deviceBusyMs[199]).toBeGreaterThan(0);
});

test('refuses more devices than placements can name', () => {
  const many = Array.from({ length: 255 }, (_, i) => ({ id: `gpu${i}`, spec }));
  expect(() => buildStep(graph, defaultWorkload, many)).toThrow(/255 devices; the limit is 254/);
});
