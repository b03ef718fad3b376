import { describe, expect, it } from 'vitest';
import { deviceClasses } from '../../../../../planner-core/planners/placement/deviceClasses';
import { LatencyModel } from '../../../../../planner-core/planners/placement/latency/latencyModel';
import { listPlacement } from '../../../../../planner-core/planners/placement/latency/listHeuristics';
import { splitModules } from '../../../../../planner-core/planners/placement/latency/splitModules';
import { Random } from '../../../support/random';
import { randomPlacement } from './randomPlacements';

describe('splitting into modules', () => {
  it('puts each group into one module of limited size, and no module reads from a later one', () => {
    let several = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = new Random(seed);
      const problem = randomPlacement(seed, { tasks: random.int(1, 40), devices: 3, kind: 'links' });
      const model = new LatencyModel(problem);
      const largest = random.int(1, 9);
      const modules = splitModules(model, largest);
      const moduleOf = new Map<number, number>();
      modules.forEach((groups, module) => groups.forEach((group) => moduleOf.set(group, module)));
      expect(moduleOf.size).toBe(model.groupCount);
      expect(modules.flat()).toHaveLength(model.groupCount);
      for (let task = 0; task < model.taskCount; task++)
        model.forEachReader(task, (reader) =>
          expect(moduleOf.get(task)!, `seed ${seed}`).toBeLessThanOrEqual(moduleOf.get(reader)!),
        );
      for (const module of modules) expect(module.length).toBeLessThanOrEqual(largest);
      several += Number(modules.some((module) => module.length > 1));
    }
    expect(several).toBeGreaterThan(30);
  });
});

describe('list scheduling', () => {
  it('gives sequences that keep to what tasks read, for every priority', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const problem = randomPlacement(seed, {
        tasks: 20,
        devices: 3,
        kind: 'links',
        isColocated: seed % 2 === 0,
      });
      const model = new LatencyModel(problem);
      for (const priority of [
        'given',
        'mean-rank',
        'fastest-rank',
        'slowest-rank',
        'optimistic-rank',
      ] as const) {
        const { sequence, placement } = listPlacement(model, { priority, looksAhead: seed % 3 === 0 });
        const position = new Map([...sequence].map((task, at) => [task, at]));
        expect(position.size).toBe(20);
        for (let task = 0; task < 20; task++)
          model.forEachReader(task, (reader) =>
            expect(position.get(task)!).toBeLessThan(position.get(reader)!),
          );
        expect(placement.every((device) => device < 3)).toBe(true);
      }
    }
  });
});

describe('devices that are alike', () => {
  it('are told from their times, memory, links and pins', () => {
    const like = randomPlacement(1, { tasks: 5, devices: 3, kind: 'links', isSymmetric: true });
    expect([...deviceClasses(like)]).toEqual([0, 0, 0]);
    expect([...deviceClasses({ ...like, memoryBytes: Float64Array.of(1, 2, 1) })]).toEqual([0, 1, 0]);
    expect([...deviceClasses({ ...like, pinnedDevice: Int32Array.of(1, -1, -1, -1, -1) })]).toEqual([
      0, 1, 0,
    ]);
    const durationMs = like.durationMs.slice();
    durationMs[2 * like.taskCount] += 1;
    expect([...deviceClasses({ ...like, durationMs })]).toEqual([0, 0, 2]);
    if (like.transfers.kind !== 'links') throw new Error('no links');
    const channel = like.transfers.channel.slice();
    // Devices 0 and 1 share the channel to each other, 2 has its own to both.
    channel[1] = channel[3] = 99;
    const shared = { ...like, transfers: { ...like.transfers, channel, channelCount: 100 } };
    expect([...deviceClasses(shared)]).toEqual([0, 0, 2]);
  });
});
