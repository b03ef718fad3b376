import { describe, expect, it } from 'vitest';
import { MemoryProfile } from '../../../planner-core/planners/memoryProfile';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything, Op } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { randomDirectives, randomStep } from '../support/randomStep';

describe('MemoryProfile', () => {
  it('counts to the byte what the simulator counts', () => {
    for (let seed = 0; seed < 2000; seed++) {
      const step = randomStep(seed, { forwardNodes: 1 + (seed % 12) });
      const profile = new MemoryProfile(step);
      for (const directives of [
        keepEverything,
        { ...randomDirectives(seed, step), offloads: new Int32Array(0) },
      ]) {
        const schedule = compileSchedule(step, directives);
        const simulation = simulate(step, schedule);
        profile.ofRecomputations(directives.recomputations);
        const live = [...simulation.liveBytes].filter((_, entry) => schedule.op[entry] === Op.compute);
        expect([...profile.liveBytes.slice(0, profile.length)], `seed ${seed}`).toEqual(live);
        expect(profile.peakBytes, `seed ${seed}`).toBe(simulation.peakBytes);
        expect(profile.stepTimeMs).toBeCloseTo(simulation.stepTimeMs, 6);
      }
    }
  });
});
