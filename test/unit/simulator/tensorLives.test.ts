import { expect, it } from 'vitest';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { tensorLives } from '../../../planner-core/simulator/tensorLives';
import { bands, timelineOf } from '../../../planner-core/simulator/timeline';
import { overlaps } from '../../../planner-core/simulator/timing';
import { randomDirectives, randomStep } from '../support/randomStep';

it('adds up to the bands of the timeline, at every sample of every step', () => {
  for (let seed = 0; seed < 400; seed++) {
    const step = randomStep(seed, { forwardNodes: 1 + (seed % 9), devices: 1 });
    const schedule = compileSchedule(step, randomDirectives(seed + 1, step));
    if (overlaps(step, schedule)) continue;
    const timeline = timelineOf(step, schedule);
    const lives = tensorLives(step, schedule);
    for (let sample = 0; sample < timeline.length; sample++) {
      const sums = bands.map((band) =>
        band === 'temporary' ? step.workspaceBytes[timeline.node[sample]] : 0,
      );
      for (let life = 0; life < lives.count; life++) {
        if (lives.from[life] > sample || lives.to[life] < sample) continue;
        sums[lives.band[life]] += step.valueBytes[lives.value[life]];
      }
      expect(sums, `seed ${seed}, sample ${sample}`).toEqual(
        bands.map((band) => timeline.bandBytes[band][sample]),
      );
    }
  }
});

it('lists stays in the order in which they begin, one after the other for a tensor made again', () => {
  for (let seed = 0; seed < 100; seed++) {
    const step = randomStep(seed, { forwardNodes: 8, devices: 1 });
    const lives = tensorLives(step, compileSchedule(step, randomDirectives(seed + 1, step)));
    const lastOf = new Map<number, number>();
    for (let life = 0; life < lives.count; life++) {
      if (life > 0) expect(lives.from[life]).toBeGreaterThanOrEqual(lives.from[life - 1]);
      const value = lives.value[life];
      expect(lives.from[life]).toBeGreaterThanOrEqual(lastOf.get(value) ?? 0);
      lastOf.set(value, lives.to[life]);
    }
  }
});
