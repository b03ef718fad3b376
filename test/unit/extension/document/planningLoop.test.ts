import { describe, expect, it } from 'vitest';
import { PlanningLoop, type PlanningSettings } from '../../../../extension/document/planningLoop';
import { ViewStore } from '../../../../extension/document/viewStore';
import type { Result } from '../../../../planner-core/base/result';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import type { Frontier } from '../../../../planner-core/planners/frontier';
import {
  defaultAllocatorSettings,
  type AllocatorSettings,
} from '../../../../planner-core/session/allocatorSettings';
import type { Refinement } from '../../../../planner-core/session/sessionPlans';
import type { PlanView } from '../../../../planner-core/session/types';
import { deferred, FakePlanner, failure, settled, someInputs, someProof, withBudget } from '../fakePlanner';

function setUp(settings: PlanningSettings = {}) {
  const planner = new FakePlanner();
  const store = new ViewStore({ inputs: someInputs, deviceCatalogue: [], readOnly: false });
  let job = 0;
  const host = Object.assign(planner, { newJob: () => ++job });
  const loop = new PlanningLoop(host, (parts, cleared) => store.update(parts, cleared), settings);
  const callsSince = (start: number): string[] => planner.calls.slice(start);
  return { planner, store, loop, callsSince };
}

const pinned: PlanInputs = {
  ...someInputs,
  pins: [{ target: 'a', kind: 'module', choice: 'keep', pinned: true }],
};

describe('PlanningLoop', () => {
  it('configures, plans, then computes the frontier', async () => {
    const { planner, store, loop } = setUp();
    loop.request(withBudget(8));
    await settled();
    expect(planner.calls).toEqual(['configure {}', 'plan 2', 'frontier 3']);
    expect(store.state.plan?.plan.budgetBytes).toBe(withBudget(8).budgetBytes);
    expect(store.state.frontier).toBeDefined();
    expect(store.state.progress).toBeUndefined();
  });

  it('tells the planner how memory is accounted for', async () => {
    const { planner } = setUp();
    const told: unknown[] = [];
    const plan: FakePlanner['plan'] = (inputs, job) => FakePlanner.prototype.plan.call(planner, inputs, job);
    const host = Object.assign(planner, {
      newJob: () => 1,
      plan: (inputs: PlanInputs, job: number, settings?: AllocatorSettings) => {
        told.push(settings);
        return plan(inputs, job);
      },
    });
    const settings: AllocatorSettings = { ...defaultAllocatorSettings, allocator: 'expandable' };
    new PlanningLoop(host, () => undefined, { allocator: settings }).request(someInputs);
    await settled();
    expect(told).toEqual([settings]);
  });

  it('configures again for another calibration', async () => {
    const { planner, loop } = setUp();
    loop.request(someInputs);
    await settled();
    const before = planner.calls.length;
    const calibration = {
      format: 'headroom-calibration/1',
      device: 'T4',
      classes: {},
      provenance: '',
    } as const;
    loop.request({ ...someInputs, calibration: { file: 't4.json', calibration } });
    await settled();
    expect(planner.calls.slice(before).filter((call) => call.startsWith('configure'))).toHaveLength(1);
  });

  it('shows what is known of the frontier while it is computed, and takes it back when that is cancelled', async () => {
    const { planner, store, loop } = setUp();
    planner.frontierSoFar = { floorNode: 'so far' } as Frontier;
    const run = deferred<Result<Frontier>>();
    planner.frontierResult = run.promise;
    planner.cancel = async () => run.resolve(failure('cancelled'));
    loop.request(someInputs);
    await settled();
    expect(store.state.frontier?.floorNode).toBe('so far');
    expect(store.state.progress?.stage).toBe('frontier');
    await loop.cancel();
    expect(store.state.frontier).toBeUndefined();
    expect(store.state.progress).toBeUndefined();
  });

  it('shows the plan before the frontier is there', async () => {
    const { planner, store, loop } = setUp();
    planner.frontierResult = deferred<Result<Frontier>>().promise;
    loop.request(someInputs);
    await settled();
    expect(store.state.plan).toBeDefined();
    expect(store.state.frontier).toBeUndefined();
    expect(store.state.progress).toEqual({ stage: 'frontier' });
  });

  it('replans a new budget without a new step and without stopping the frontier', async () => {
    const { planner, store, loop, callsSince } = setUp();
    const frontier = deferred<Result<Frontier>>();
    planner.frontierResult = frontier.promise;
    loop.request(withBudget(8));
    await settled();
    const before = planner.calls.length;
    loop.request(withBudget(4));
    await settled();
    expect(callsSince(before)).toEqual(['plan 4']);
    expect(store.state.plan?.plan.budgetBytes).toBe(withBudget(4).budgetBytes);
    expect(store.state.progress).toEqual({ stage: 'frontier' });
    frontier.resolve({ ok: true, value: { floorBytes: 1 } as Frontier });
    await settled();
    expect(store.state.frontier).toEqual({ floorBytes: 1 });
  });

  it('cancels the frontier when a pin makes it useless, and drops its late result', async () => {
    const { planner, store, loop, callsSince } = setUp();
    const old = deferred<Result<Frontier>>();
    planner.frontierResult = old.promise;
    loop.request(someInputs);
    await settled();
    const before = planner.calls.length;
    planner.frontierResult = undefined;
    loop.request(pinned);
    await settled();
    expect(callsSince(before)).toEqual(['cancel 3', 'plan 4', 'frontier 5', 'pinPrices 6']);
    old.resolve({ ok: true, value: { floorNode: 'old' } as Frontier });
    await settled();
    expect(store.state.frontier?.floorNode).toBe('pins 1');
  });

  it('plans only for the latest of many inputs, after the one under way is cancelled', async () => {
    const { planner, store, loop, callsSince } = setUp();
    const slow = deferred<Result<PlanView>>();
    planner.planResult = slow.promise;
    planner.cancel = async (job) => {
      planner.calls.push(`cancel ${job}`);
      slow.resolve(failure('cancelled'));
    };
    loop.request(withBudget(1));
    await settled();
    const before = planner.calls.length;
    planner.planResult = undefined;
    loop.request(withBudget(2));
    loop.request(withBudget(3));
    await settled();
    expect(callsSince(before).filter((call) => call.startsWith('plan'))).toHaveLength(1);
    expect(callsSince(before)[0]).toBe('cancel 2');
    expect(store.state.plan?.plan.budgetBytes).toBe(withBudget(3).budgetBytes);
    expect(store.state.error).toBeUndefined();
  });

  it('builds a new step for another workload, and lets nothing of the old one stand', async () => {
    const { planner, store, loop } = setUp();
    loop.request(someInputs);
    await settled();
    planner.planResult = deferred<Result<PlanView>>().promise;
    loop.request({ ...someInputs, workload: { ...someInputs.workload, dims: { batch: 2 } } });
    await settled();
    expect(planner.calls).toContain('configure {"batch":2}');
    expect(store.state.step).toBeDefined();
    expect(store.state.plan).toBeUndefined();
    expect(store.state.frontier).toBeUndefined();
  });

  it('shows why there is no step, and recovers', async () => {
    const { planner, store, loop } = setUp();
    loop.request(someInputs);
    await settled();
    planner.configureResult = failure('bad-workload');
    loop.request({ ...someInputs, workload: { ...someInputs.workload, dims: { batch: 3 } } });
    await settled();
    expect(store.state).toMatchObject({ error: { code: 'bad-workload' } });
    expect(store.state.step).toBeUndefined();
    planner.configureResult = undefined;
    loop.request(someInputs);
    await settled();
    expect(store.state.error).toBeUndefined();
    expect(store.state.plan).toBeDefined();
  });

  it('keeps the step on screen when only planning fails', async () => {
    const { planner, store, loop } = setUp();
    planner.planResult = failure('unknown-module');
    loop.request(someInputs);
    await settled();
    expect(store.state).toMatchObject({ error: { code: 'unknown-module' } });
    expect(store.state.step).toBeDefined();
    expect(store.state.progress).toBeUndefined();
  });

  it('tries again once when the worker died, then says so', async () => {
    const { planner, store, loop, callsSince } = setUp();
    planner.planResult = failure('worker-died');
    loop.request(someInputs);
    await settled();
    expect(callsSince(0).filter((call) => call.startsWith('plan'))).toHaveLength(2);
    expect(store.state.error?.code).toBe('worker-died');
  });

  it('stops on request: no frontier follows, the plan stays', async () => {
    const { planner, store, loop } = setUp();
    const frontier = deferred<Result<Frontier>>();
    planner.frontierResult = frontier.promise;
    planner.cancel = async () => frontier.resolve(failure('cancelled'));
    loop.request(someInputs);
    await settled();
    await loop.cancel();
    await settled();
    expect(store.state.progress).toBeUndefined();
    expect(store.state.error).toBeUndefined();
    expect(store.state.plan).toBeDefined();
  });

  it('does not go on to plan when it is stopped while it configures', async () => {
    const { planner, store, loop } = setUp();
    const configured = deferred<void>();
    const configure = planner.configure.bind(planner);
    planner.configure = async (inputs) => {
      await configured.promise;
      return configure(inputs);
    };
    loop.request(someInputs);
    const stopped = loop.cancel();
    configured.resolve();
    await stopped;
    expect(planner.calls).toEqual(['cancel 1', 'configure {}']);
    expect(store.state.progress).toBeUndefined();
  });

  it('starts from the beginning after a reset', async () => {
    const { planner, loop, callsSince } = setUp();
    loop.request(someInputs);
    await settled();
    await loop.reset();
    const before = planner.calls.length;
    loop.request(someInputs);
    await settled();
    expect(callsSince(before)).toEqual(['configure {}', 'plan 5', 'frontier 6']);
  });
});

describe('PlanningLoop, in the background', () => {
  const proving = { refineLimitS: 30 };

  it('proves once plan and frontier are there', async () => {
    const { planner, store, loop } = setUp(proving);
    const frontier = deferred<Result<Frontier>>();
    planner.frontierResult = frontier.promise;
    loop.request(withBudget(8));
    await settled();
    expect(planner.calls).toEqual(['configure {}', 'plan 2', 'frontier 3']);
    frontier.resolve({ ok: true, value: {} as Frontier });
    await settled();
    expect(planner.calls.slice(3)).toEqual(['refine 4']);
    expect(store.state.proof).toEqual(someProof(withBudget(8), 'optimal'));
    expect(store.state.progress).toBeUndefined();
  });

  it('shows bounds and better plans as they come, and renews the frontier after better plans', async () => {
    const { planner, store, loop, callsSince } = setUp(proving);
    const refined = deferred<Result<Refinement>>();
    planner.refineResult = refined.promise;
    const better = { plan: { planner: 'integer program' } } as PlanView;
    planner.refineProgress = [
      { proof: someProof(someInputs, 'proving', 1) },
      { proof: someProof(someInputs, 'proving', 2), plan: better },
      { proof: someProof(someInputs, 'proving', 3) },
    ];
    loop.request(someInputs);
    await settled();
    expect(store.state.proof).toMatchObject({ state: 'proving', lowerBoundPercent: 3 });
    expect(store.state.plan).toEqual(better);
    const before = planner.calls.length;
    refined.resolve({ ok: true, value: { proof: someProof(someInputs, 'open', 3) } });
    await settled();
    expect(store.state.proof?.state).toBe('open');
    expect(callsSince(before)).toEqual(['frontier 5']);
  });

  it('stops for a newer budget, keeps the bounds on screen, and proves again for that one', async () => {
    const { planner, store, loop, callsSince } = setUp(proving);
    const old = deferred<Result<Refinement>>();
    planner.refineResult = old.promise;
    planner.refineProgress = [{ proof: someProof(withBudget(8), 'proving', 2) }];
    loop.request(withBudget(8));
    await settled();
    const before = planner.calls.length;
    const plan = deferred<Result<PlanView>>();
    planner.planResult = plan.promise;
    planner.refineResult = undefined;
    planner.refineProgress = [];
    loop.request(withBudget(4));
    await settled();
    expect(callsSince(before)).toEqual(['cancel 4', 'plan 5']);
    expect(store.state.proof).toMatchObject({ state: 'open', lowerBoundPercent: 2 });
    plan.resolve({ ok: true, value: { plan: {} } as PlanView });
    await settled();
    expect(callsSince(before)).toEqual(['cancel 4', 'plan 5', 'refine 6']);
    old.resolve({ ok: true, value: { proof: someProof(withBudget(8), 'optimal', 9) } });
    await settled();
    expect(store.state.proof).toEqual(someProof(withBudget(4), 'optimal'));
  });

  it('takes the proof off the screen when pins or the workload change', async () => {
    const { planner, store, loop } = setUp(proving);
    loop.request(someInputs);
    await settled();
    expect(store.state.proof).toBeDefined();
    planner.planResult = deferred<Result<PlanView>>().promise;
    loop.request(pinned);
    await settled();
    expect(store.state.proof).toBeUndefined();
  });

  it('takes it off too when the inputs that made it void were themselves superseded', async () => {
    const { planner, store, loop } = setUp(proving);
    loop.request(someInputs);
    await settled();
    planner.planResult = deferred<Result<PlanView>>().promise;
    loop.request({ ...someInputs, workload: { ...someInputs.workload, dims: { batch: 2 } } });
    await Promise.resolve();
    loop.request({ ...someInputs, workload: { ...someInputs.workload, dims: { batch: 3 } } });
    await settled();
    expect(store.state.proof).toBeUndefined();
  });

  it('stops on request and keeps plan, frontier and what was proven', async () => {
    const { planner, store, loop } = setUp(proving);
    planner.refineResult = deferred<Result<Refinement>>().promise;
    planner.refineProgress = [{ proof: someProof(someInputs, 'proving', 2) }];
    loop.request(someInputs);
    await settled();
    await loop.cancel();
    expect(planner.calls.at(-1)).toBe('cancel 4');
    expect(store.state.proof).toMatchObject({ state: 'open', lowerBoundPercent: 2, note: 'stopped' });
    expect(store.state.plan).toBeDefined();
    expect(store.state.frontier).toBeDefined();
  });

  it.each(['worker-died', 'internal'] as const)('keeps the plan and says so after %s', async (code) => {
    const { planner, store, loop } = setUp(proving);
    planner.refineResult = Promise.resolve(failure(code, 'The planner stopped.'));
    planner.refineProgress = [{ proof: someProof(someInputs, 'proving', 2) }];
    loop.request(someInputs);
    await settled();
    expect(store.state.proof).toMatchObject({ state: 'open', note: 'The planner stopped.' });
    expect(store.state.plan).toBeDefined();
    expect(store.state.error).toBeUndefined();
  });

  it('prices pins after the proof, and forgets the prices with the next budget', async () => {
    const { planner, store, loop } = setUp(proving);
    loop.request(pinned);
    await settled();
    expect(planner.calls.slice(-2)).toEqual(['refine 4', 'pinPrices 4']);
    expect(store.state.pinPrices).toMatchObject([{ target: 'a', overheadPercent: 1 }]);
    planner.planResult = deferred<Result<PlanView>>().promise;
    loop.request({ ...pinned, budgetBytes: 5 });
    await settled();
    expect(store.state.pinPrices).toBeUndefined();
  });
});
