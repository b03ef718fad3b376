import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import loadHighs from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../../planner-core/base/errors';
import { uncontrolled, type Job } from '../../../../../planner-core/base/job';
import { placementBaselines } from '../../../../../planner-core/planners/placement/baselines/baselines';
import { sampleLatency } from '../../../../../planner-core/planners/instances/sampleLatency';
import { LatencyModel } from '../../../../../planner-core/planners/placement/latency/latencyModel';
import { ListSchedule } from '../../../../../planner-core/planners/placement/latency/listSchedule';
import { placeBySplitting } from '../../../../../planner-core/planners/placement/latency/placeBySplitting';
import { planLatency } from '../../../../../planner-core/planners/placement/latency/planLatency';
import { placementOfInstance } from '../../../../../planner-core/planners/placement/ofInstance';
import {
  taskDevices,
  type PlacementProblem,
  type Transfers,
} from '../../../../../planner-core/planners/placement/problem';
import { HighsEngine } from '../../../../../planner-core/solvers/highsEngine';
import { readGraphInstance } from '../../../../../planner-core/step/graphInstance';
import { Random } from '../../../support/random';
import { everyPlacement, randomPlacement } from './randomPlacements';

const engine = new HighsEngine(() => loadHighs());
afterAll(() => engine.dispose());

const kinds: Transfers['kind'][] = ['links', 'through-host', 'listed'];

function draw(seed: number, kind: Transfers['kind'], tasks: number): PlacementProblem {
  const random = new Random(seed);
  return randomPlacement(seed, {
    tasks,
    devices: random.int(2, 3),
    kind,
    isSymmetric: random.chance(0.3),
    isColocated: random.chance(0.4),
    isPinned: random.chance(0.4),
    isOneChannel: random.chance(0.5),
    memorySlack: random.chance(0.5) ? random.int(12, 20) / 10 : undefined,
  });
}

function expectValid(problem: PlacementProblem, sequence: Int32Array, placement: Uint8Array): void {
  const model = new LatencyModel(problem);
  expect(model.memoryExcess(placement)).toBe(0);
  placement.forEach((device, group) => expect([...model.allowed[group]]).toContain(device));
  const position = new Map([...sequence].map((task, at) => [task, at]));
  expect(position.size).toBe(problem.taskCount);
  for (let task = 0; task < problem.taskCount; task++)
    model.forEachProducer(task, (producer) =>
      expect(position.get(producer)!).toBeLessThan(position.get(task)!),
    );
}

describe.each(kinds)('planning for latency with transfers: %s', (kind) => {
  it('finds the best of small problems in the given order, and says that it is', async () => {
    let optimal = 0;
    let cases = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const problem = draw(seed, kind, 7);
      const schedule = new ListSchedule(new LatencyModel(problem));
      let least = Infinity;
      for (const placement of everyPlacement(problem))
        least = Math.min(least, schedule.makespan(placement, 0, least));
      if (least === Infinity) continue;
      const plan = await planLatency(problem, uncontrolled, { isOrderFixed: true, rounds: 1 });
      cases++;
      expectValid(problem, plan.sequence, plan.placement);
      expect(plan.makespanMs, `seed ${seed}`).toBe(least);
      expect(plan.boundMs).toBeLessThanOrEqual(least * (1 + 1e-9));
      optimal += Number(plan.isOptimal);
      for (const baseline of placementBaselines(new LatencyModel(problem)))
        if (baseline.excessBytes === 0) expect(baseline.makespanMs).toBeGreaterThanOrEqual(least);
    }
    expect(cases).toBeGreaterThan(40);
    expect(optimal).toBe(cases);
  });

  it('gives valid plans at or above the bound, never slower than a baseline that fits, twice the same', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const problem = draw(100 + seed, kind, 14);
      const options = { rounds: 1 };
      let first: Awaited<ReturnType<typeof planLatency>> | undefined;
      try {
        first = await planLatency(problem, uncontrolled, options);
      } catch (thrown) {
        // Tight memory may have no placement at all.
        expect(thrown).toMatchObject({ code: 'infeasible' });
        continue;
      }
      const again = await planLatency(problem, uncontrolled, options);
      expect(again.placement).toEqual(first.placement);
      expectValid(problem, first.sequence, first.placement);
      const model = new LatencyModel(problem);
      expect(new ListSchedule(model, first.sequence).makespan(first.placement)).toBe(first.makespanMs);
      expect(first.makespanMs).toBeGreaterThanOrEqual(first.boundMs);
      for (const baseline of placementBaselines(model))
        if (baseline.excessBytes === 0) expect(first.makespanMs).toBeLessThanOrEqual(baseline.makespanMs);
    }
  });

  it('splits into modules and stays near the best known', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const problem = draw(200 + seed, kind, 14);
      const model = new LatencyModel(problem);
      const split = await placeBySplitting(new ListSchedule(model), {}, uncontrolled);
      if (!split) continue;
      expectValid(problem, split.sequence, split.placement);
      const plan = await planLatency(problem, uncontrolled, { isOrderFixed: true, rounds: 2 });
      expect(split.makespanMs).toBeGreaterThanOrEqual(plan.boundMs);
      expect(split.makespanMs, `seed ${seed}`).toBeLessThanOrEqual(1.3 * plan.makespanMs);
    }
  });
});

describe('planning for latency', () => {
  it('proves with an engine what it cannot without', async () => {
    let more = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const problem = draw(seed, 'through-host', 7);
      const options = { rounds: 1, isOrderFixed: false };
      const alone = await planLatency(problem, uncontrolled, options);
      const proven = await planLatency(problem, uncontrolled, { ...options, engine });
      expect(proven.boundMs).toBeGreaterThanOrEqual(alone.boundMs);
      expect(proven.makespanMs).toBeLessThanOrEqual(alone.makespanMs);
      expect(proven.isOptimal).toBe(true);
      more += Number(!alone.isOptimal);
    }
    expect(more).toBeGreaterThan(0);
  });

  it('names a task that no device holds, that cannot run where it is pinned, or that has no way', async () => {
    const problem = randomPlacement(3, { tasks: 4, devices: 2, kind: 'links' });
    const tooLarge = {
      ...problem,
      groupBytes: Float64Array.of(1, 9, 1, 1),
      memoryBytes: Float64Array.of(5, 5),
    };
    await expect(planLatency(tooLarge, uncontrolled)).rejects.toMatchObject({
      code: 'infeasible',
      where: { node: 'task1' },
    });
    const durationMs = problem.durationMs.slice();
    durationMs[problem.taskCount + 2] = Infinity;
    const pinned = { ...problem, durationMs, pinnedDevice: Int32Array.of(-1, -1, 1, -1) };
    await expect(planLatency(pinned, uncontrolled)).rejects.toThrow(/task2 cannot run on device1/);
    const apart: PlacementProblem = {
      ...problem,
      resultProducer: Int32Array.of(0),
      resultReaders: { offsets: Int32Array.of(0, 1), items: Int32Array.of(1) },
      resultBytes: Float64Array.of(1),
      pinnedDevice: Int32Array.of(0, 1, -1, -1),
      transfers: {
        kind: 'links',
        latencyMs: new Float64Array(4),
        msPerByte: Float64Array.of(0, Infinity, Infinity, 0),
        channel: new Int32Array(4),
        channelCount: 1,
      },
    };
    await expect(planLatency(apart, uncontrolled)).rejects.toMatchObject({ code: 'infeasible' });
    const crowded = {
      ...problem,
      groupBytes: Float64Array.of(3, 3, 3, 3),
      memoryBytes: Float64Array.of(5, 5),
    };
    await expect(planLatency(crowded, uncontrolled)).rejects.toThrow(/need 12 bytes/);
  });

  it('ends soon when it is cancelled', async () => {
    const problem = randomPlacement(5, { tasks: 30, devices: 3, kind: 'links' });
    let calls = 0;
    const job: Job = {
      checkpoint: () =>
        ++calls > 20
          ? Promise.reject(new HeadroomError('cancelled', 'The computation was cancelled.'))
          : Promise.resolve(),
      progress: () => undefined,
    };
    await expect(planLatency(problem, job)).rejects.toMatchObject({ code: 'cancelled' });
    expect(calls).toBe(21);
  });

  it('ends soon after it is over, with a plan, wherever that happens', async () => {
    const problem = randomPlacement(5, { tasks: 30, devices: 3, kind: 'links' });
    for (const asked of [0, 3, 30, 100, 300, 600]) {
      let left = asked;
      let checkpointsAfter = 0;
      const job: Job = {
        checkpoint: () => Promise.resolve(void (left <= 0 && checkpointsAfter++)),
        progress: () => undefined,
      };
      const plan = await planLatency(problem, job, { isOver: () => left-- <= 0, rounds: 100_000 });
      expectValid(problem, plan.sequence, plan.placement);
      expect(plan.makespanMs).toBeGreaterThanOrEqual(plan.boundMs);
      expect(checkpointsAfter, `over after ${asked} questions`).toBeLessThan(10);
    }
  });

  it('plans nothing for no tasks', async () => {
    const problem = randomPlacement(1, { tasks: 0, devices: 2, kind: 'links' });
    await expect(planLatency(problem, uncontrolled)).resolves.toMatchObject({ makespanMs: 0, boundMs: 0 });
  });
});

const folder = path.resolve(import.meta.dirname, '../../../../../../shared/data/instances/placement');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('dnnp-lat')) : [];

interface InstanceFile {
  readonly reference: readonly {
    readonly method: string;
    readonly status: string;
    readonly objective_ms: number | null;
    readonly warning?: string;
  }[];
}

describe('latency instances of the literature', () => {
  if (files.length === 0)
    it.skip('skipped: the instances (../shared/data/instances) are not here', () => undefined);
  it.each(files)('%s is never slower than the best valid answer of a peer', async (name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const peers = (JSON.parse(text) as InstanceFile).reference
      .filter(({ method, status, warning }) => status === 'ok' && !warning && !method.startsWith('max-load'))
      .map(({ objective_ms: ms }) => ms ?? Infinity);
    const instance = readGraphInstance(text);
    const problem = placementOfInstance(instance);
    const plan = await planLatency(problem, uncontrolled, { rounds: 1 });
    const model = new LatencyModel(problem);
    expect(model.memoryExcess(plan.placement)).toBe(0);
    expect(sampleLatency(instance)(taskDevices(problem, plan.placement))).toBeCloseTo(plan.makespanMs, 9);
    expect(plan.makespanMs).toBeLessThanOrEqual(Math.min(...peers));
    expect(plan.boundMs).toBeLessThanOrEqual(plan.makespanMs);
  });
});
