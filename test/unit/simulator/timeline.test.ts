import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything, Op } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { bands, timelineOf } from '../../../planner-core/simulator/timeline';
import { overlaps } from '../../../planner-core/simulator/timing';
import { Phase, ValueKind } from '../../../planner-core/step/stepGraph';
import { randomDirectives, randomStep } from '../support/randomStep';

describe('timelineOf', () => {
  it('has bands that sum to what the simulator counts', () => {
    const devices = 1;
    for (let seed = 0; seed < 600; seed++) {
      const step = randomStep(seed, { forwardNodes: 1 + (seed % 9), devices });
      const schedule = compileSchedule(step, randomDirectives(seed + 1, step));
      const simulation = simulate(step, schedule);
      for (let device = 0; device < devices; device++) {
        const timeline = timelineOf(step, schedule, device);
        let sample = 0;
        for (let entry = 0; entry < schedule.length; entry++) {
          if (schedule.op[entry] !== Op.compute) continue;
          expect(timeline.node[sample]).toBe(schedule.subject[entry]);
          const sum = bands.reduce((total, band) => total + timeline.bandBytes[band][sample], 0);
          expect(timeline.liveBytes[sample], `seed ${seed}`).toBe(sum);
          for (const band of bands) expect(timeline.bandBytes[band][sample]).toBeGreaterThanOrEqual(0);
          if (!overlaps(step, schedule)) expect(sum, `seed ${seed}`).toBe(simulation.liveBytes[entry]);
          sample++;
        }
        expect(sample).toBe(timeline.length);
        expect(timeline.endMs[timeline.length - 1]).toBeLessThanOrEqual(simulation.stepTimeMs + 1e-9);
        expect(Math.max(...timeline.liveBytes)).toBeLessThanOrEqual(simulation.perDevicePeakBytes[device]);
      }
    }
  });

  it('calls what backward reads "kept", and what runs again "recomputed"', () => {
    for (let seed = 0; seed < 200; seed++) {
      const step = randomStep(seed, { forwardNodes: 8, oddities: false });
      const keepAll = timelineOf(step, compileSchedule(step, keepEverything));
      expect(keepAll.bandBytes.recomputed.every((bytes) => bytes === 0)).toBe(true);
      // In backward, without recomputation, the activations a backward node reads are all in the band "kept".
      for (let sample = 0; sample < keepAll.length; sample++) {
        const node = keepAll.node[sample];
        if (step.nodePhase[node] !== Phase.backward) continue;
        let read = 0;
        for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
          const value = step.inputs.items[i];
          if (step.valueKind[value] === ValueKind.activation) read += step.valueBytes[value];
        }
        expect(keepAll.bandBytes.kept[sample], `seed ${seed}`).toBeGreaterThanOrEqual(read);
      }
    }
  });
});
