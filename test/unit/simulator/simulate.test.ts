import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything, Op, ScheduleBuilder, type Schedule } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { overlaps } from '../../../planner-core/simulator/timing';
import { inListedOrder } from '../support/listedOrder';
import { naiveSimulation } from '../support/naiveSimulator';
import { randomDirectives, randomStep } from '../support/randomStep';

const atComputations = (schedule: Schedule, values: Float64Array): number[] =>
  [...values].filter((_, entry) => schedule.op[entry] === Op.compute);

describe('compileSchedule and simulate', () => {
  it.each([1, 2, 3])('agree with a naive simulation on random steps, %i device(s)', (devices) => {
    for (let seed = 0; seed < 1500; seed++) {
      const step = randomStep(seed, { forwardNodes: 1 + (seed % 11), devices });
      const chosen = seed % 5 === 0 ? keepEverything : randomDirectives(seed + 7, step);
      const directives = { ...chosen, lateTransfers: true };
      const schedule = compileSchedule(step, directives);
      const simulation = simulate(step, schedule);
      const naive = naiveSimulation(step, directives);
      const listed = inListedOrder(step, schedule);
      expect({ ...listed, transferBytes: simulation.transferBytes }, `seed ${seed}`).toEqual({
        liveBytes: naive.liveBytes,
        peaks: naive.perDevicePeakBytes,
        transferBytes: naive.transferBytes,
      });
      expect(simulation.computeMs + simulation.transferMs, `seed ${seed}`).toBeCloseTo(naive.timeMs, 6);
      if (overlaps(step, schedule)) continue;
      expect(atComputations(schedule, simulation.liveBytes)).toEqual(listed.liveBytes);
      expect([...simulation.perDevicePeakBytes]).toEqual(listed.peaks);
      expect(simulation.stepTimeMs, `seed ${seed}`).toBeCloseTo(naive.timeMs, 6);
      if (simulation.peakEntry >= 0) {
        expect(simulation.liveBytes[simulation.peakEntry]).toBeLessThanOrEqual(simulation.peakBytes);
      }
    }
  });

  it('send ahead nothing but the same values', () => {
    for (let seed = 0; seed < 500; seed++) {
      const step = randomStep(seed, { forwardNodes: 1 + (seed % 11), devices: 3 });
      const { placement } = randomDirectives(seed + 7, step);
      const directives = { ...keepEverything, placement };
      const copies = (lateTransfers: boolean): string[] => {
        const { length, op, subject, to } = compileSchedule(step, { ...directives, lateTransfers });
        const entries = Array.from({ length }, (_, i) => i).filter((i) => op[i] === Op.copy);
        return entries.map((i) => `${subject[i]} ${to[i]}`).sort();
      };
      expect(copies(false), `seed ${seed}`).toEqual(copies(true));
    }
  });

  it('never frees what it does not hold and leaves only what outlives the step', () => {
    for (let seed = 0; seed < 500; seed++) {
      const step = randomStep(seed, { forwardNodes: 8, devices: 2 });
      const schedule = compileSchedule(step, randomDirectives(seed, step));
      // simulate throws on an invalid schedule; what is left at the end is what was never freed.
      simulate(step, schedule);
      const balance = new Map<number, number>();
      for (let entry = 0; entry < schedule.length; entry++) {
        if (schedule.op[entry] !== Op.free) continue;
        const value = schedule.subject[entry];
        balance.set(value, (balance.get(value) ?? 0) + 1);
      }
      for (let value = 0; value < step.valueCount; value++) {
        const isTemporary = !step.residentAtStart[value] && !step.residentAtEnd[value];
        if (isTemporary && step.producer[value] >= 0)
          expect(balance.get(value), `seed ${seed}`).toBeGreaterThan(0);
      }
    }
  });

  it('is deterministic', () => {
    const step = randomStep(3, { forwardNodes: 10, devices: 2 });
    const directives = randomDirectives(3, step);
    expect(compileSchedule(step, directives)).toEqual(compileSchedule(step, directives));
  });

  it('refuses a computation whose inputs are not there', () => {
    const step = randomStep(1, { forwardNodes: 4, oddities: false });
    const builder = new ScheduleBuilder();
    builder.push(Op.compute, 1, 0, 0);
    expect(() => simulate(step, builder.build())).toThrowError(HeadroomError);
  });

  it('refuses to free or copy what is not there', () => {
    const step = randomStep(1, { forwardNodes: 4, oddities: false });
    const value = step.outputs.items[0];
    for (const [op, from, to] of [
      [Op.free, 0, 0],
      [Op.copy, 0, -1],
    ]) {
      const builder = new ScheduleBuilder();
      builder.push(op, value, from, to);
      expect(() => simulate(step, builder.build())).toThrowError(/Invalid schedule/);
    }
  });

  it('refuses recomputations that are not sorted', () => {
    const step = randomStep(1, { forwardNodes: 6, oddities: false });
    const recomputations = Int32Array.from([8, 0, 7, 1]);
    expect(() => compileSchedule(step, { ...keepEverything, recomputations })).toThrowError(RangeError);
  });
});
