import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { solveInstance } from '../../../planner-core/planners/solveInstance';
import { readGraphInstance } from '../../../planner-core/step/graphInstance';
import { replayInstance } from '../support/replayInstance';

const chain = (changes: object = {}): string =>
  JSON.stringify({
    format: 'dnn-graph-instance/1',
    id: 'chain',
    kind: 'remat',
    devices: [{ id: 'd', kind: 'any', memory_bytes: null }],
    // Three forward nodes, the last cheap and large, and their backward nodes.
    nodes: [5, 1, 1, 1, 1, 1].map((time, id) => ({
      id,
      name: `n${id}`,
      time_ms: { d: time },
      output_bytes: id === 1 ? 40 : 10,
    })),
    edges: [[0, 1], [1, 2], [2, 3], [3, 4], [1, 4], [4, 5], [0, 5]], // prettier-ignore
    ...changes,
  });

describe('solveInstance', () => {
  it('keeps everything without a budget', async () => {
    const solution = await solveInstance(readGraphInstance(chain()), {});
    expect(solution).toMatchObject({ feasible: true, timeTotal: 10, overheadPercent: 0, gapPercent: 0 });
  });

  it('answers with a schedule that replays', async () => {
    const file = JSON.parse(chain()) as Parameters<typeof replayInstance>[0];
    // Between its uses the large result is not needed: running its cheap node again saves 40.
    const solution = await solveInstance(readGraphInstance(chain()), { budgetBytes: 60 });
    expect(solution.feasible).toBe(true);
    expect(replayInstance(file, solution.schedule)).toEqual({
      time: solution.timeTotal,
      peakBytes: solution.peakBytes,
    });
  });

  it('says why a budget cannot be met', async () => {
    const solution = await solveInstance(readGraphInstance(chain()), { budgetRatio: 0.2 });
    expect(solution.feasible).toBe(false);
    expect(solution.message).toMatch(/No plan fits 14 B: the least possible is 60 B, because of operator n/);
  });

  it('gives up what must be there at the end, and makes it again in time', async () => {
    // The first result is idle while the second and third are made, which need the room.
    const text = chain({
      nodes: [3, 1, 1, 1].map((time, id) => ({
        id,
        name: `n${id}`,
        time_ms: { d: time },
        output_bytes: [10, 10, 10, 1][id],
      })),
      edges: [[1, 2], [2, 3]], // prettier-ignore
      pinned_at_end: [0, 3],
    });
    const file = JSON.parse(text) as Parameters<typeof replayInstance>[0];
    const solution = await solveInstance(readGraphInstance(text), { budgetBytes: 20 });
    expect(solution).toMatchObject({ feasible: true, timeTotal: 9 });
    expect(replayInstance(file, solution.schedule)).toEqual({ time: 9, peakBytes: 20 });
    const without = await solveInstance(readGraphInstance(text), { budgetBytes: 10 });
    expect(without.feasible).toBe(false);
    const { budgetBytes, schedule } = await solveInstance(readGraphInstance(text), {});
    expect(budgetBytes).toBeUndefined();
    expect(schedule.filter(({ op }) => op === 'compute')).toHaveLength(4);
  });

  it.each([
    { budgetBytes: -1 },
    { budgetBytes: NaN },
    { budgetRatio: -0.1 },
    { budgetRatio: NaN },
    { timeLimitS: -1 },
    { timeLimitS: NaN },
  ])('refuses what is below zero or no number: %o', async (request) => {
    await expect(solveInstance(readGraphInstance(chain()), request)).rejects.toMatchObject({
      code: 'bad-usage',
    });
  });

  it('answers any other budget, and at once when there is no time', async () => {
    const answer = (budgetBytes: number, timeLimitS?: number) =>
      solveInstance(readGraphInstance(chain()), { budgetBytes, timeLimitS });
    for (const budget of [0, 1]) {
      const { feasible, message } = await answer(budget);
      expect([feasible, message]).toEqual([false, expect.stringMatching(/^No plan fits/)]);
    }
    for (const budget of [Number.MAX_VALUE, Infinity])
      expect(await answer(budget)).toMatchObject({ feasible: true, overheadPercent: 0, gapPercent: 0 });
    const { peakBytes } = await answer(Infinity);
    const hurried = await answer(peakBytes - 1, 0);
    if (!hurried.feasible)
      expect(hurried.message).toMatch(/^No plan (fits|found in the time given; unproven)/);
    expect(hurried.schedule.length).toBeGreaterThan(0);
  });

  it('places nodes within memory limits, compatibility and colocation', async () => {
    const devices = [
      { id: 'a0', kind: 'acc', memory_bytes: 100 },
      { id: 'a1', kind: 'acc', memory_bytes: 100 },
      { id: 'c', kind: 'cpu', memory_bytes: null },
    ];
    const nodes = Array.from({ length: 20 }, (_, id) => ({
      id,
      name: `n${id}`,
      time_ms: { acc: 1, cpu: 10 },
      output_bytes: 1,
      memory_bytes: 12,
      transfer_ms: 0.1,
      compat: id === 3 ? ['cpu'] : ['acc', 'cpu'],
      colocate: id % 10,
    }));
    const edges = nodes.slice(1).map(({ id }) => [id - 1, id]);
    for (const kind of ['placement-throughput', 'placement-latency']) {
      const text = chain({ kind, devices, nodes, edges });
      const answer = await solveInstance(readGraphInstance(text), {});
      const { feasible, placement, timeTotal, objective, lowerBoundTotal } = answer;
      expect(objective).toBe(kind === 'placement-latency' ? 'latency' : 'period');
      expect(lowerBoundTotal).toBeGreaterThan(0);
      expect(lowerBoundTotal).toBeLessThanOrEqual(timeTotal);
      expect(feasible).toBe(true);
      expect(placement![3]).toBe('c');
      for (let id = 0; id < 10; id++) expect(placement![id]).toBe(placement![id + 10]);
      for (const device of ['a0', 'a1'])
        expect(placement!.filter((name) => name === device).length * 12).toBeLessThanOrEqual(100);
      expect(timeTotal).toBeLessThan(20 * 10);
    }
  });
});

const folder = path.resolve(import.meta.dirname, '../../../../shared/data/instances');
const files = (sub: string, pattern: RegExp): string[] =>
  existsSync(folder) ? readdirSync(path.join(folder, sub)).filter((name) => pattern.test(name)) : [];
const load = (sub: string, name: string): string => readFileSync(path.join(folder, sub, name), 'utf8');

/** Added time in per cent, as planners.md 2.0 gives it for the greedy: what an answer must not exceed. */
const greedyPercent: Record<string, Record<number, number>> = {
  'moccasin-rl100.json': { 0.9: 0.7892, 0.8: 2.2965 },
  'moccasin-rl250.json': { 0.9: 0.9381, 0.8: 4.7814 },
  'moccasin-rl500.json': { 0.9: 0.8445, 0.8: 3.1931 },
  'moccasin-vgg16-train.json': { 0.9: 1.9677 },
  'moccasin-vgg19-train.json': { 0.9: 0.1042, 0.8: 3.1293 },
  'moccasin-unet-train.json': { 0.9: 1.1451, 0.8: 1.9836, 0.6: 4.8379 },
  'moccasin-mobilenet-train.json': { 0.9: 0.1697, 0.8: 0.4442, 0.5: 2.2921 },
};

describe.skipIf(!existsSync(folder))('the planning instances (shared data needed)', () => {
  it.each(files('remat', /^(moccasin|dtr|poet|xengine-simple)/))(
    'replays without repeats: %s',
    async (name) => {
      const text = load('remat', name);
      const instance = readGraphInstance(text);
      const { schedule, peakBytes, timeTotal } = await solveInstance(instance, { budgetBytes: 2 ** 50 });
      const file = JSON.parse(text) as Parameters<typeof replayInstance>[0];
      const replay = replayInstance(file, schedule);
      expect(replay.peakBytes).toBe(peakBytes);
      expect(replay.time).toBeCloseTo(timeTotal, 6);
      if (!instance.baseline) return;
      expect(timeTotal).toBeCloseTo(instance.baseline.timeMs, 6);
      // The logs of dtr free a result when the program drops it, which may be after its last use.
      if (name.startsWith('moccasin')) expect(peakBytes).toBe(instance.baseline.peakBytes);
      else expect(peakBytes).toBeLessThanOrEqual(instance.baseline.peakBytes);
    },
  );

  it.each(Object.keys(greedyPercent))('is at least as good as the published greedy: %s', async (name) => {
    const text = load('remat', name);
    const file = JSON.parse(text) as Parameters<typeof replayInstance>[0];
    for (const [ratio, percent] of Object.entries(greedyPercent[name])) {
      const solution = await solveInstance(readGraphInstance(text), {
        budgetRatio: Number(ratio),
      });
      expect(solution.feasible, ratio).toBe(true);
      expect(solution.overheadPercent, ratio).toBeLessThanOrEqual(percent + 1e-4);
      expect(solution.lowerBoundPercent).toBeLessThanOrEqual(solution.overheadPercent);
      const replay = replayInstance(file, solution.schedule);
      expect(replay.peakBytes).toBeLessThanOrEqual(solution.budgetBytes!);
      expect(replay.time).toBeCloseTo(solution.timeTotal, 6);
    }
  });

  it.each(files('remat', /inference/))('knows that there is nothing to repeat: %s', async (name) => {
    const instance = readGraphInstance(load('remat', name));
    const solution = await solveInstance(instance, { budgetRatio: 0.9 });
    expect(solution.feasible).toBe(false);
    expect(solution.message).toMatch(/No plan fits/);
  });

  it.each(files('remat', /^xengine/))('finds the optimum of the unit tests of others: %s', async (name) => {
    const text = load('remat', name);
    const { reference } = JSON.parse(text) as { reference: { objective: number }[] };
    const { timeTotal, feasible } = await solveInstance(readGraphInstance(text), {});
    expect(feasible).toBe(true);
    expect(timeTotal).toBe(reference[0].objective);
  });

  it.each(files('placement', /layer-(bert24|gnmt)/))('shares the work of a pipeline: %s', async (name) => {
    const text = load('placement', name);
    const { reference } = JSON.parse(text) as {
      reference: { method: string; objective_ms: number | null }[];
    };
    const { timeTotal, feasible } = await solveInstance(readGraphInstance(text), { timeLimitS: 2 });
    expect(feasible).toBe(true);
    const expert = reference.find(({ method }) => method.includes('human-expert'));
    expect(timeTotal).toBeLessThan(expert!.objective_ms!);
  });
});
