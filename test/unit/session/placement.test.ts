import loadHighs from 'highs';
import { describe, expect, it } from 'vitest';
import { ControlledJob, uncontrolled } from '../../../planner-core/base/job';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import type { PlanDevice } from '../../../planner-core/plan/plan';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { parsePlan } from '../../../planner-core/plan/readPlan';
import { planText } from '../../../planner-core/plan/writePlan';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import type { Refinement } from '../../../planner-core/session/sessionPlans';
import type { PlanView } from '../../../planner-core/session/types';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { HighsEngine } from '../../../planner-core/solvers/highsEngine';
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

describe.each(['latency', 'throughput'] as const)('layers placed for %s', (objective) => {
  const devices = [fast, { ...fast, id: 'gpu1' }, slow];

  it('are no slower than any rule that fits, and no faster than what is proven', async () => {
    const session = open(perceptron(6));
    const inputs = inputsOf(
      session,
      devices.map((device, i) => ({ ...device, id: `gpu${i}` })),
      { objective },
    );
    const view = await session.plan(inputs);
    const { timeMs, boundMs, baselines } = view.placement!;
    expect(view.infeasible).toBeUndefined();
    expect(boundMs).toBeGreaterThan(0);
    expect(boundMs).toBeLessThanOrEqual(timeMs);
    expect(baselines.length).toBeGreaterThan(5);
    for (const rule of baselines) if (rule.fits) expect(timeMs).toBeLessThanOrEqual(rule.timeMs);
    expectConfirmed(session, inputs, view);
    expect(await session.plan(inputs)).toBe(view);
    expect(planText((await open(perceptron(6)).plan(inputs)).plan)).toBe(planText(view.plan));
  });

  it('are refined: times fall, what is proven rises, and later plans know it', async () => {
    const session = open(perceptron(6));
    const inputs = inputsOf(session, [fast, slow], { objective });
    const first = await session.plan(inputs);
    const reports: Refinement[] = [];
    const engine = new HighsEngine(() => loadHighs());
    const { proof } = await session.refine(inputs, { engine, timeLimitS: 20 }, uncontrolled, (report) =>
      reports.push(report),
    );
    expect(['optimal', 'open']).toContain(proof.state);
    const views = [first, ...reports.flatMap(({ plan }) => (plan ? [plan] : []))].map(
      (view) => view.placement!,
    );
    for (const [i, { timeMs, boundMs }] of views.entries()) {
      expect(boundMs).toBeLessThanOrEqual(timeMs);
      if (i === 0) continue;
      expect(timeMs).toBeLessThanOrEqual(views[i - 1].timeMs);
      expect(boundMs).toBeGreaterThanOrEqual(views[i - 1].boundMs);
    }
    const after = await session.plan(inputs);
    expect(after.placement).toEqual(views.at(-1));
    const { timeMs, boundMs } = after.placement!;
    expect(proof.state === 'optimal').toBe(timeMs <= boundMs * (1 + 1e-6));
    expectConfirmed(session, inputs, after);
  });
});

it('leaves a placement as it is where refining is cancelled', async () => {
  const session = open(perceptron(40));
  const inputs = inputsOf(session, [fast, slow], { objective: 'throughput' });
  const { placement } = await session.plan(inputs);
  expect(placement!.boundMs).toBeLessThan(placement!.timeMs);
  const job = new ControlledJob();
  const refining = session.refine(inputs, { timeLimitS: 60 }, job, () => job.cancel());
  await expect(refining).rejects.toMatchObject({ code: 'cancelled' });
  expect((await session.plan(inputs)).placement!.timeMs).toBeLessThanOrEqual(placement!.timeMs);
});

describe('placement with recomputation', () => {
  const spec = perceptron(8);
  const devices = [fast, { id: 'cpu', name: 'Ryzen 9 7950X (CPU)', memoryBytes: 64 * GiB }];
  const tight = (session: PlannerSession, changes: Partial<PlanInputs>): PlanInputs => {
    const inputs = inputsOf(session, devices, { objective: 'latency', ...changes });
    return { ...inputs, budgetBytes: Math.floor(0.85 * session.configure(inputs).keepAllPeakBytes) };
  };

  it.each(['module-checkpoint', 'schedule'] as const)(
    'is never slower than %s on one device',
    async (strategy) => {
      const session = open(spec);
      const inputs = tight(session, { strategy });
      const unplaced = await session.plan({ ...inputs, objective: 'fit' });
      const view = await session.plan(inputs);
      expect(view.infeasible).toBeUndefined();
      expect(view.plan.prediction.perDevicePeakBytes.gpu0).toBeLessThanOrEqual(inputs.budgetBytes!);
      if (!unplaced.infeasible)
        expect(view.plan.prediction.stepTimeMs).toBeLessThanOrEqual(unplaced.plan.prediction.stepTimeMs);
      expect(view.placement!.boundMs).toBeLessThanOrEqual(view.placement!.timeMs);
      expectConfirmed(session, inputs, view);
    },
  );

  it('says in the plan file where what runs again does so elsewhere', async () => {
    const session = open(perceptron(8));
    const inputs = inputsOf(session, devices, { strategy: 'schedule' });
    const { plan } = await session.plan(inputs);
    const [first, ...rest] = ['/layers.1/MatMul', '/layers.2/MatMul'].map((operator) => ({
      ...{ before: '/layers.3/MatMul:backward', operator },
    }));
    const { step } = session.configure(inputs);
    const before = step.nodeName.find(
      (name) => name.startsWith('/layers.3/MatMul') && name !== '/layers.3/MatMul',
    )!;
    const changed = parsePlan(
      planText({
        ...plan,
        recomputations: [{ ...first, before, device: 'cpu' }, ...rest.map((each) => ({ ...each, before }))],
      }),
    );
    expect(changed.recomputations?.map(({ device }) => device)).toEqual(['cpu', undefined]);
    expect(() => session.check(changed)).toThrowError(expect.objectContaining({ code: 'check-failed' }));
    const lost = { ...changed, recomputations: [{ ...first, before, device: 'gpu7' }] };
    expect(() => session.check(lost)).toThrowError(
      expect.objectContaining({ code: 'bad-plan', where: { node: '/layers.1/MatMul' } }),
    );
  });
});

describe('what cannot be placed', () => {
  const pair = [fast, slow];
  const link = { name: 'custom', gbPerS: 12, latencyMs: 0, shared: false };
  /** Two layers with one weight. */
  const shared = (): ModelSpec => {
    const spec = perceptron(3);
    const nodes = spec.nodes!.map((node, i) =>
      i === 2 ? { ...node, inputs: ['h2', 'layers.0.weight'] } : node,
    );
    return { ...spec, nodes, initializers: spec.initializers!.slice(0, 2) };
  };

  it.each<[what: string, ModelSpec, readonly PlanDevice[], Partial<PlanInputs>, object]>([
    [
      'pins that want two devices of one weight',
      shared(),
      pair,
      {
        pins: [
          { target: '/layers.0/MatMul', kind: 'operator', device: 'gpu0', pinned: true },
          { target: '/layers.2/MatMul', kind: 'operator', device: 'gpu1', pinned: true },
        ],
      },
      {
        ...{ code: 'infeasible', where: { node: '/layers.2/MatMul' } },
        message:
          '/layers.2/MatMul is pinned to "gpu0" and "gpu1": it shares a parameter with what is pinned to the other.',
      },
    ],
    [
      'a pin to a device that is not there',
      perceptron(2),
      pair,
      { pins: [{ target: 'layers.1', kind: 'module', device: 'gpu7', pinned: true }] },
      { code: 'unknown-device', message: 'There is no device "gpu7".' },
    ],
    [
      'layers that are larger than every device',
      perceptron(2),
      pair.map((device) => ({ ...device, memoryBytes: 1000 })),
      {},
      { code: 'infeasible', where: { node: '/layers.0/MatMul' } },
    ],
    [
      'devices without a way between them',
      perceptron(2),
      ['a', 'b', 'c', 'd'].map((id) => ({ ...slow, id })),
      {
        links: [
          { ...link, between: ['a', 'b'] },
          { ...link, between: ['c', 'd'] },
        ],
      },
      { code: 'bad-machine', message: 'No link leads from a to c.' },
    ],
    [
      'a link that carries nothing',
      perceptron(2),
      pair,
      { links: [{ ...link, between: ['gpu0', 'gpu1'], gbPerS: 0 }] },
      { code: 'bad-machine', message: expect.stringContaining('gpu0') as string },
    ],
  ])('is refused by name: %s', async (_, spec, devices, changes, error) => {
    const session = open(spec);
    for (const objective of ['latency', 'throughput'] as const) {
      const inputs = inputsOf(session, devices, { objective, ...changes });
      await expect(session.plan(inputs)).rejects.toThrowError(expect.objectContaining(error));
    }
  });
});
