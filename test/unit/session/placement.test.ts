import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import type { PlanDevice } from '../../../planner-core/plan/plan';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { parsePlan } from '../../../planner-core/plan/readPlan';
import { planText } from '../../../planner-core/plan/writePlan';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import type { PlanView } from '../../../planner-core/session/types';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { onnxFile, type ModelSpec } from '../../fixtures/onnx-builder/onnx';

const width = 256;

/** Layers of one product each, one after the other; `devices` says where the file has each of them run. */
function perceptron(layers: number, devices?: readonly number[]): ModelSpec {
  const weights = Array.from({ length: layers }, (_, i) => `layers.${i}.weight`);
  return {
    irVersion: 11,
    inputs: [{ name: 'h0', type: 'float', dims: [512, width] }],
    outputs: [{ name: `h${layers}` }],
    initializers: weights.map((name) => ({ name, dims: [width, width] })),
    nodes: weights.map((weight, i) => ({
      ...{ type: 'MatMul', name: `/layers.${i}/MatMul`, inputs: [`h${i}`, weight], outputs: [`h${i + 1}`] },
      devices: devices && [{ configuration: 'cluster', sharding: [[devices[i]]] }],
    })),
    configurations: devices && [{ name: 'cluster', deviceCount: 2, devices: ['first', 'second'] }],
  };
}

const GiB = 2 ** 30;
const fast: PlanDevice = { id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * GiB };
const slow: PlanDevice = { id: 'gpu1', name: 'T4', memoryBytes: 15 * GiB };
const open = (spec: ModelSpec): PlannerSession =>
  PlannerSession.open(new MemoryByteSource(onnxFile(spec)), 'perceptron.onnx');
const inputsOf = (
  session: PlannerSession,
  devices: readonly PlanDevice[],
  changes: Partial<PlanInputs> = {},
): PlanInputs => ({ ...session.defaultInputs(devices), ...changes });

/** Device of each operator's node in the forward pass under a plan. */
function devicesOf(
  session: PlannerSession,
  inputs: PlanInputs,
  { directives }: PlanView,
): Record<string, string> {
  const { step } = session.configure(inputs);
  return Object.fromEntries(
    step.nodeName.flatMap((name, node) =>
      name.endsWith('/MatMul') ? [[name, step.devices[directives.placement?.[node] ?? 0]]] : [],
    ),
  );
}

/** The plan's numbers are the simulator's, and it survives being written and read. */
function expectConfirmed(session: PlannerSession, inputs: PlanInputs, { plan, directives }: PlanView): void {
  const { step } = session.configure(inputs);
  const { stepTimeMs, perDevicePeakBytes } = simulate(step, compileSchedule(step, directives));
  expect(plan.prediction.stepTimeMs).toBe(stepTimeMs);
  expect(Object.values(plan.prediction.perDevicePeakBytes)).toEqual([...perDevicePeakBytes]);
  session.check(parsePlan(planText(plan)));
}

describe('a file that says where its operators run', () => {
  const placed = perceptron(4, [0, 0, 1, 1]);
  const expected = {
    '/layers.0/MatMul': 'gpu0',
    '/layers.1/MatMul': 'gpu0',
    '/layers.2/MatMul': 'gpu1',
    '/layers.3/MatMul': 'gpu1',
  };

  it('has them run there, in the order of the devices, without pinning them', async () => {
    const session = open(placed);
    const inputs = inputsOf(session, [fast, slow]);
    const view = await session.plan(inputs);
    expect(devicesOf(session, inputs, view)).toEqual(expected);
    expect(view.plan.decisions.filter(({ pinned }) => pinned)).toEqual([]);
    expect(view.plan.assumptions.join()).toContain('the file places 4 operators on 2 devices');
    expectConfirmed(session, inputs, view);
  });

  it('maps names before order', async () => {
    const session = open(placed);
    const inputs = inputsOf(session, [fast, { ...slow, id: 'second' }, { ...fast, id: 'first' }]);
    const view = await session.plan(inputs);
    expect(Object.values(devicesOf(session, inputs, view))).toEqual(['first', 'first', 'second', 'second']);
  });

  it('gives way to pins, and prices those alone', async () => {
    const session = open(placed);
    const pins = [{ target: 'layers.2', kind: 'module', device: 'gpu0', pinned: true }] as const;
    const inputs = inputsOf(session, [fast, slow], { pins });
    const view = await session.plan(inputs);
    expect(devicesOf(session, inputs, view)).toEqual({ ...expected, '/layers.2/MatMul': 'gpu0' });
    expect(view.plan.decisions.filter(({ pinned }) => pinned)).toEqual(pins);
    expect((await session.pinPrices(inputs)).map(({ target }) => target)).toEqual(['layers.2']);
    expectConfirmed(session, inputs, view);
  });

  it('changes nothing on a single device, or on fewer than it names', async () => {
    const session = open(placed);
    const view = await session.plan(inputsOf(session, [fast]));
    expect(view.directives.placement).toBeUndefined();
    expect(view.plan.assumptions.join()).not.toContain('the file places');
  });

  it('is one of the rules to compare with where layers are placed', async () => {
    const session = open(placed);
    const view = await session.plan(inputsOf(session, [fast, slow], { objective: 'latency' }));
    const rule = view.placement?.baselines.find(({ name }) => name === 'as the file places it');
    expect(rule?.peakBytes[1]).toBeGreaterThan(0);
    expect(view.placement?.timeMs).toBeLessThanOrEqual(rule?.timeMs ?? 0);
  });
});
