import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import loadHighs from 'highs';
import { describe, expect, it, test } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import { ControlledJob, uncontrolled } from '../../../planner-core/base/job';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import type { Refinement } from '../../../planner-core/session/sessionPlans';
import { ProvenBounds } from '../../../planner-core/session/provenBounds';
import type { MilpEngine } from '../../../planner-core/solvers/engine';
import { HighsEngine } from '../../../planner-core/solvers/highsEngine';

const sample = path.resolve(import.meta.dirname, '../../../samples/tiny_mlp.train.onnx');
const engine = new HighsEngine(() => loadHighs());

/** A perceptron with so many rows in a batch that activations outweigh the parameters. */
function setUp(changes: Partial<PlanInputs> & { ratio: number }) {
  const session = PlannerSession.open(new MemoryByteSource(readFileSync(sample)), 'tiny_mlp.train.onnx');
  const base = session.defaultInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * 2 ** 30 }]);
  const { ratio, ...rest } = changes;
  const wanted = { ...base, workload: { ...base.workload, dims: { batch: 65536 } }, ...rest };
  const at = (share: number): PlanInputs => ({
    ...wanted,
    budgetBytes: Math.floor(session.configure(wanted).keepAllPeakBytes * share),
  });
  return { session, inputs: at(ratio), at };
}

async function refined(session: PlannerSession, inputs: PlanInputs, solver: MilpEngine | undefined = engine) {
  const reports: Refinement[] = [];
  const options = { engine: solver, timeLimitS: 60 };
  const last = await session.refine(inputs, options, uncontrolled, (report) => reports.push(report));
  return { reports, last };
}

describe('refining', () => {
  it('proves of plans that may offload what holds for all of them, and no more', async () => {
    const { session, inputs } = setUp({ ratio: 0.85, strategy: 'schedule' });
    const slow = { name: 'custom', outGBPerS: 20, inGBPerS: 20, latencyMs: 0, shared: false };
    const offload = { to: 'host', link: slow } as const;
    const alone = (await session.plan(inputs)).plan.prediction;
    const before = (await session.plan({ ...inputs, offload })).plan.prediction;
    const { reports, last } = await refined(session, { ...inputs, offload });
    const bounds = reports.map(({ proof }) => proof.lowerBoundPercent);
    expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
    expect(last.proof.lowerBoundPercent).toBeGreaterThan(before.lowerBoundPercent);
    expect(last.proof.lowerBoundPercent).toBeLessThanOrEqual(before.overheadPercent);
    expect(before.overheadPercent).toBeLessThanOrEqual(alone.overheadPercent);
    const after = (await session.plan({ ...inputs, offload })).plan.prediction;
    expect(after.lowerBoundPercent).toBeCloseTo(last.proof.lowerBoundPercent);
    const { strategies } = await session.frontier({ ...inputs, offload });
    const points = Object.values(strategies).flat();
    expect(points.every((point) => point.lowerBoundPercent <= point.overheadPercent)).toBe(true);
    expect(points.some((point) => point.lowerBoundPercent > 0)).toBe(true);
  });

  it('proves of plans for the least energy what holds of their time', async () => {
    const { session, inputs } = setUp({ ratio: 0.9, strategy: 'schedule' });
    const { last } = await refined(session, { ...inputs, minimise: 'energy' });
    expect(['open', 'optimal']).toContain(last.proof.state);
    expect(last.proof.lowerBoundPercent).toBeGreaterThan(0);
  });

  it('says that no plan fits with offloading either', async () => {
    const { session, inputs } = setUp({ ratio: 0.01, strategy: 'schedule' });
    const { proof } = (await refined(session, { ...inputs, offload: { to: 'host' } })).last;
    expect(proof).toMatchObject({ state: 'infeasible', infeasibleBytes: inputs.budgetBytes });
  });

  it('tightens the bound until the plan is proven to be the fastest, and never loosens it', async () => {
    const { session, inputs } = setUp({ ratio: 0.9, strategy: 'schedule' });
    const before = (await session.plan(inputs)).plan.prediction;
    expect(before.lowerBoundPercent).toBeLessThan(before.overheadPercent);
    const { reports, last } = await refined(session, inputs);
    expect(last.proof).toMatchObject({ state: 'optimal', budgetBytes: inputs.budgetBytes });
    expect(last.proof.gapPercent).toBeCloseTo(0);
    expect(last.proof.lowerBoundPercent).toBeGreaterThan(before.lowerBoundPercent);
    const bounds = reports.map(({ proof }) => proof.lowerBoundPercent);
    expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
    expect(reports[0].proof.lowerBoundPercent).toBeCloseTo(before.lowerBoundPercent);
  });

  it('makes later plans, exports and frontiers carry the bound, for lower budgets too', async () => {
    const { session, inputs, at } = setUp({ ratio: 0.9, strategy: 'schedule' });
    const { proof } = (await refined(session, inputs)).last;
    expect((await session.plan(inputs)).plan.prediction.lowerBoundPercent).toBe(proof.lowerBoundPercent);
    const lower = await session.plan(at(0.895));
    expect(lower.plan.prediction.lowerBoundPercent).toBeGreaterThanOrEqual(proof.lowerBoundPercent - 1e-6);
    const { strategies } = await session.frontier(inputs);
    const below = strategies.schedule.filter((point) => point.peakBytes <= inputs.budgetBytes!);
    expect(below.length).toBeGreaterThan(0);
    for (const point of below) {
      expect(point.lowerBoundPercent).toBeGreaterThanOrEqual(proof.lowerBoundPercent - 1e-6);
      expect(point.lowerBoundPercent).toBeLessThanOrEqual(point.overheadPercent);
    }
  });

  it('forgets nothing when pins come and go, and holds nothing against other pins', async () => {
    const { session, inputs } = setUp({ ratio: 0.9, strategy: 'schedule' });
    const { proof } = (await refined(session, inputs)).last;
    const { layers } = session.configure(inputs);
    const module = layers.find((row) => row.kind === 'module' && row.name !== '')!;
    const pin = { target: module.name, kind: 'module', choice: 'keep', pinned: true } as const;
    const pinned = { ...inputs, pins: [pin] };
    const { session: fresh } = setUp({ ratio: 0.9, strategy: 'schedule' });
    expect((await session.plan(pinned)).plan).toEqual((await fresh.plan(pinned)).plan);
    expect((await session.plan(inputs)).plan.prediction.lowerBoundPercent).toBeCloseTo(
      proof.lowerBoundPercent,
    );
  });

  it('leaves the plan of another strategy alone and says what a schedule could do', async () => {
    const { session, inputs } = setUp({ ratio: 0.95, strategy: 'module-checkpoint' });
    const { reports, last } = await refined(session, inputs);
    expect(reports.filter(({ plan }) => plan?.plan.planner === 'integer program')).toEqual([]);
    expect(last.proof.state).toBe('open');
    expect(last.proof.gapPercent).toBeUndefined();
    expect(last.proof.bestOverheadPercent).toBeGreaterThanOrEqual(last.proof.lowerBoundPercent);
  });

  it('proves what a choice of modules must cost, and makes the plan the best one', async () => {
    const { session, inputs } = setUp({ ratio: 0.999, strategy: 'module-checkpoint' });
    const { last } = await refined(session, inputs);
    const { overheadPercent } = (await session.plan(inputs)).plan.prediction;
    const { strategyBoundPercent, lowerBoundPercent, isStrategyInfeasible } = last.proof;
    if (isStrategyInfeasible) expect(last.proof.gapPercent).toBeUndefined();
    else {
      expect(strategyBoundPercent ?? lowerBoundPercent).toBeLessThanOrEqual(overheadPercent);
      expect(overheadPercent - (strategyBoundPercent ?? lowerBoundPercent)).toBeLessThan(1e-3);
    }
  });

  it('says at once that keeping everything cannot be beaten, and that nothing fits below the floor', async () => {
    const never: MilpEngine = {
      solve: () => Promise.reject(new Error('there is nothing to solve')),
      dispose: () => undefined,
    };
    const roomy = setUp({ ratio: 1.1, strategy: 'schedule' });
    expect((await refined(roomy.session, roomy.inputs, never)).last.proof).toMatchObject({
      state: 'optimal',
      gapPercent: 0,
    });
    const tight = setUp({ ratio: 0.01, strategy: 'schedule' });
    const { proof } = (await refined(tight.session, tight.inputs, never)).last;
    expect(proof).toMatchObject({ state: 'infeasible', infeasibleBytes: tight.inputs.budgetBytes });
    expect(proof.gapPercent).toBeUndefined();
  });

  it('proves nothing for several devices', async () => {
    const { session, inputs, at } = setUp({ ratio: 0.9, strategy: 'schedule' });
    const devices = [...inputs.devices, { ...inputs.devices[0], id: 'gpu1' }];
    const { layers } = session.configure({ ...inputs, devices });
    const module = layers.find((row) => row.kind === 'module' && row.name !== '')!;
    const pins = [{ target: module.name, kind: 'module', device: 'gpu1', pinned: true } as const];
    const { proof } = (await refined(session, { ...at(0.9), devices, pins })).last;
    expect(proof).toMatchObject({ state: 'unprovable', lowerBoundPercent: 0 });
  });

  it('keeps the plan and says why when the solver breaks', async () => {
    const { session, inputs } = setUp({ ratio: 0.9, strategy: 'schedule' });
    const before = await session.plan(inputs);
    const broken: MilpEngine = {
      solve: () => Promise.reject(new HeadroomError('solver-failed', 'The solver stopped: out of memory.')),
      dispose: () => undefined,
    };
    const { proof } = (await refined(session, inputs, broken)).last;
    expect(proof).toMatchObject({ state: 'open', note: 'The solver stopped: out of memory.' });
    expect((await session.plan(inputs)).plan).toEqual(before.plan);
  });

  it('keeps what was proven when it is cancelled', async () => {
    const { session, inputs } = setUp({ ratio: 0.9, strategy: 'schedule' });
    const job = new ControlledJob();
    // Cancelled while the solver is at work: with its second program it has proven something by then.
    let programs = 0;
    const slow: MilpEngine = {
      async solve(program, options) {
        const result = await engine.solve(program, options);
        if (++programs < 2) return result;
        options.onProgress?.({ bound: result.bound });
        job.cancel();
        return { ...result, status: 'stopped', incumbent: undefined };
      },
      dispose: () => undefined,
    };
    const before = (await session.plan(inputs)).plan.prediction.lowerBoundPercent;
    const last: Refinement[] = [];
    const options = { engine: slow, timeLimitS: 60 };
    await session.refine(inputs, options, job, (report) => last.push(report)).catch(() => undefined);
    expect(last.at(-1)!.proof.lowerBoundPercent).toBeGreaterThan(before);
    const again = (await refined(session, inputs)).reports[0];
    expect(again.proof.lowerBoundPercent).toBeGreaterThan(before);
  });
});

describe('ProvenBounds', () => {
  test('a bound holds for its budget and every lower one, whatever the order', () => {
    const bound = fc.record({
      budgetBytes: fc.integer({ min: 0, max: 20 }),
      addedMs: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(bound, { maxLength: 12 }), fc.integer({ min: -1, max: 21 }), (proven, budget) => {
        const bounds = new ProvenBounds();
        for (const { budgetBytes, addedMs } of proven) bounds.add(budgetBytes, addedMs);
        const holding = proven.filter(({ budgetBytes }) => budgetBytes >= budget);
        expect(bounds.leastAddedMs(budget)).toBe(Math.max(0, ...holding.map(({ addedMs }) => addedMs)));
        bounds.all.forEach((entry, i) => {
          if (i === 0) return;
          expect(entry.budgetBytes).toBeGreaterThan(bounds.all[i - 1].budgetBytes);
          expect(entry.leastAddedMs).toBeLessThan(bounds.all[i - 1].leastAddedMs);
        });
      }),
    );
  });
});
