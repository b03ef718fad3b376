import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { hostMemoryOverTime } from '../../../planner-core/simulator/hostMemory';
import { hostMemory, Op, type Directives } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { timeSchedule } from '../../../planner-core/simulator/timing';
import { ValueKind, type StepGraph } from '../../../planner-core/step/stepGraph';
import { naiveTiming } from '../support/naiveTiming';
import { Random } from '../support/random';
import { randomDirectives, randomStep } from '../support/randomStep';

/** A step on one device with a channel in each direction, and random values that leave, are awaited and asked for. */
function pagedStep(seed: number, forwardNodes: number): { step: StepGraph; directives: Directives } {
  const random = new Random(seed + 5);
  const bare = randomStep(seed, { forwardNodes });
  const step = {
    ...bare,
    linkBytesPerMs: Float64Array.of(0, random.int(1, 9), random.int(1, 9), 0),
    linkLatencyMs: Float64Array.of(0, random.int(0, 2), random.int(0, 2), 0),
    linkChannel: Int32Array.of(-1, 0, random.int(0, 1), -1),
    channels: ['out', 'in'],
  };
  const mayLeave = [ValueKind.activation, ValueKind.parameter];
  const values = Array.from({ length: step.valueCount }, (_, value) => value).filter((value) =>
    mayLeave.some((kind) => step.valueKind[value] === kind),
  );
  const offloads = random.some(values, 0.5);
  const pairs = (): Int32Array =>
    Int32Array.from(
      random
        .some(offloads, 0.6)
        .map((value) => [random.int(0, step.nodeCount - 1), value])
        .sort((a, b) => a[0] - b[0])
        .flat(),
    );
  const { recomputations } = randomDirectives(seed + 9, step);
  const directives = { recomputations, offloads: Int32Array.from(offloads).sort() };
  return { step, directives: { ...directives, fetches: pairs(), waits: pairs() } };
}

const cases = fc
  .record({ seed: fc.nat(1e6), forwardNodes: fc.integer({ min: 1, max: 10 }) })
  .map(({ seed, forwardNodes }) => pagedStep(seed, forwardNodes));

describe('offloading on one device', () => {
  it('runs as a naive execution of the schedule does, waits and memory included', () => {
    fc.assert(
      fc.property(cases, ({ step, directives }) => {
        const schedule = compileSchedule(step, directives);
        const naive = naiveTiming(step, schedule);
        const { perDevicePeakBytes, stepTimeMs, timing } = simulate(step, schedule);
        expect([...timeSchedule(step, schedule).startMs]).toEqual(naive.startMs);
        if (!timing) return;
        expect([...perDevicePeakBytes]).toEqual(naive.peaks);
        expect(stepTimeMs).toBe(Math.max(0, ...naive.endMs));
      }),
      { numRuns: 600 },
    );
  });

  it('carries one transfer at a time a channel, and reads nothing before it has arrived', () => {
    fc.assert(
      fc.property(cases, ({ step, directives }) => {
        const schedule = compileSchedule(step, directives);
        const { startMs, endMs } = timeSchedule(step, schedule);
        const place = (device: number): number => (device === hostMemory ? 1 : device);
        const channelEnd = [0, 0];
        const arrived = new Map<number, number>();
        for (let entry = 0; entry < schedule.length; entry++) {
          const subject = schedule.subject[entry];
          if (schedule.op[entry] === Op.copy) {
            const channel = step.linkChannel[place(schedule.from[entry]) * 2 + place(schedule.to[entry])];
            expect(startMs[entry]).toBeGreaterThanOrEqual(channelEnd[channel]);
            channelEnd[channel] = endMs[entry];
            if (schedule.to[entry] === 0) arrived.set(subject, endMs[entry]);
          } else if (schedule.op[entry] === Op.compute) {
            for (let i = step.inputs.offsets[subject]; i < step.inputs.offsets[subject + 1]; i++)
              expect(startMs[entry]).toBeGreaterThanOrEqual(arrived.get(step.inputs.items[i]) ?? 0);
            for (let i = step.outputs.offsets[subject]; i < step.outputs.offsets[subject + 1]; i++)
              arrived.delete(step.outputs.items[i]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has in host memory no more than what leaves, and what stays there between steps at the end', () => {
    fc.assert(
      fc.property(cases, ({ step, directives }) => {
        const schedule = compileSchedule(step, directives);
        const { peakBytes, bytes } = hostMemoryOverTime(step, schedule, timeSchedule(step, schedule));
        for (const now of bytes) expect(now).toBeGreaterThanOrEqual(0);
        const sizes = [...directives.offloads].map((value) => step.valueBytes[value]);
        expect(peakBytes).toBeLessThanOrEqual(sizes.reduce((sum, size) => sum + size, 0));
        const used = new Set([...step.inputs.items, ...step.updates.items]);
        const state = [...directives.offloads].filter(
          (value) => step.residentAtStart[value] && used.has(value),
        );
        const least = state.reduce((sum, value) => sum + step.valueBytes[value], 0);
        expect(bytes[bytes.length - 1] ?? 0).toBeGreaterThanOrEqual(least);
      }),
    );
  });
});
