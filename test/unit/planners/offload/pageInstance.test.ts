import highsLoader from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../planner-core/base/errors';
import { solveInstance } from '../../../../planner-core/planners/solveInstance';
import { HighsEngine } from '../../../../planner-core/solvers/highsEngine';
import { readGraphInstance } from '../../../../planner-core/step/graphInstance';
import {
  fileOf,
  leastEnergy,
  leastMemory,
  replay,
  tinyBranches,
  tinyPaging,
  tinyTraining,
} from './tinyPaging';

describe('pageInstance', () => {
  const engine = new HighsEngine(() => highsLoader());
  afterAll(() => engine.dispose());

  it('gives valid plans no dearer than its bound says, which all plans there are keep, and finds one where there is one', async () => {
    let ties = 0;
    let proven = 0;
    let cases = 0;
    for (let seed = 0; seed < 60; seed++) {
      const tinies = [tinyPaging(seed), tinyTraining(seed, 3), tinyTraining(seed, 2), tinyBranches(seed, 6)];
      const tiny = tinies[seed % tinies.length];
      for (const more of [-1, 0, 1, 3]) {
        const budgetBytes = leastMemory(tiny) + more;
        const best = leastEnergy(tiny, budgetBytes);
        const request = { objective: 'energy', budgetBytes, runtimeRatio: 100 } as const;
        const answer = await solveInstance(readGraphInstance(fileOf(tiny)), request, engine);
        const where = `seed ${seed}, budget ${budgetBytes}`;
        expect(answer.feasible, where).toBe(best < Infinity);
        if (!answer.feasible) continue;
        const { joules, peak, computed } = replay(tiny, answer.schedule);
        expect({ joules, peak }, where).toEqual({ joules: answer.energy!.joules, peak: answer.peakBytes });
        expect(computed, where).toEqual(tiny.bytes.map((_, node) => node));
        expect(peak, where).toBeLessThanOrEqual(budgetBytes);
        expect(joules, where).toBeGreaterThanOrEqual(best);
        expect(answer.energy!.lowerBoundJoules, where).toBeLessThanOrEqual(best + 1e-6);
        cases++;
        ties += Number(joules === best);
        proven += Number(joules <= answer.energy!.lowerBoundJoules + 1e-6);
      }
    }
    expect(ties / cases).toBeGreaterThan(0.99);
    expect(proven / cases).toBeGreaterThan(0.95);
  });

  it('finds most of the least energies without an engine too', async () => {
    let ties = 0;
    for (let seed = 0; seed < 40; seed++) {
      const tiny = tinyTraining(seed, 3);
      const budgetBytes = leastMemory(tiny) + 1;
      const request = { objective: 'energy', budgetBytes, runtimeRatio: 100 } as const;
      const { energy } = await solveInstance(readGraphInstance(fileOf(tiny)), request);
      expect(energy!.lowerBoundJoules).toBeLessThanOrEqual(energy!.joules);
      ties += Number(energy!.joules === leastEnergy(tiny, budgetBytes));
    }
    expect(ties).toBeGreaterThan(36);
  });

  it('keeps the limit of computing time', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const tiny = tinyPaging(seed);
      const budgetBytes = Math.round(0.7 * tiny.bytes.reduce((sum, bytes) => sum + bytes, 0));
      const request = { objective: 'energy', budgetBytes, runtimeRatio: 1 } as const;
      const answer = await solveInstance(readGraphInstance(fileOf(tiny)), request, engine);
      const onceMs = tiny.compute.reduce((sum, ms) => sum + ms, 0);
      if (answer.feasible) expect(answer.timeTotal).toBe(onceMs);
    }
  });

  it('says why there is no plan: a computation that is too large, or less time than everything takes once', async () => {
    const tiny = tinyTraining(2, 3);
    const instance = readGraphInstance(fileOf(tiny));
    const least = leastMemory(tiny);
    const small = await solveInstance(instance, { objective: 'energy', budgetBytes: least - 1 }, engine);
    expect(small.feasible).toBe(false);
    const [, name] = /n\d+ needs/.exec(small.message!)![0].match(/n(\d+)/)!;
    const needed = tiny.reads[Number(name)].reduce(
      (sum, read) => sum + tiny.bytes[read],
      tiny.bytes[Number(name)],
    );
    expect(needed).toBe(least);
    expect(small.message).toContain(`${least - 1} bytes`);
    const fast = await solveInstance(instance, { objective: 'energy', runtimeRatio: 0.5 }, engine);
    expect(fast.feasible).toBe(false);
    expect(fast.message).toMatch(/everything once takes/);
  });

  it('refuses a device the instance does not have, and instances without energies', async () => {
    const instance = readGraphInstance(fileOf(tinyPaging(1)));
    const request = { objective: 'energy', device: 'm9' } as const;
    await expect(solveInstance(instance, request, engine)).rejects.toThrow(HeadroomError);
    const bare = { ...instance, nodes: instance.nodes.map((node) => ({ ...node, energy: undefined })) };
    await expect(solveInstance(bare, { objective: 'energy' }, engine)).rejects.toThrow(/no energy/);
  });
});
