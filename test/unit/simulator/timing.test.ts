import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything, Op, type Schedule } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { inTimeOrder, timeSchedule } from '../../../planner-core/simulator/timing';
import { timelineOf } from '../../../planner-core/simulator/timeline';
import type { StepGraph } from '../../../planner-core/step/stepGraph';
import { naiveTiming, type Moment } from '../support/naiveTiming';
import { Random } from '../support/random';
import { randomDirectives, randomStep } from '../support/randomStep';

/** A random step on several devices with latencies and channels that several ways share. */
function wiredStep(seed: number, forwardNodes: number, devices: number): StepGraph {
  const random = new Random(seed + 1);
  const step = randomStep(seed, { forwardNodes, devices });
  const channelCount = random.int(1, devices * (devices + 1));
  return {
    ...step,
    linkLatencyMs: step.linkLatencyMs.map(() => random.int(0, 3)),
    linkChannel: step.linkChannel.map((channel) => (channel < 0 ? -1 : random.int(0, channelCount - 1))),
    channels: Array.from({ length: channelCount }, (_, i) => `channel ${i}`),
  };
}

const cases = fc
  .record({
    seed: fc.nat(1e6),
    forwardNodes: fc.integer({ min: 1, max: 10 }),
    devices: fc.integer({ min: 2, max: 4 }),
    lateTransfers: fc.boolean(),
  })
  .map(({ seed, forwardNodes, devices, lateTransfers }) => {
    const step = wiredStep(seed, forwardNodes, devices);
    const directives = { ...randomDirectives(seed + 3, step), lateTransfers };
    return { step, directives, schedule: compileSchedule(step, directives) };
  });

const entriesOf = (schedule: Schedule, matches: (entry: number) => boolean): number[] =>
  Array.from({ length: schedule.length }, (_, i) => i).filter(matches);

/** Do any two of the entries overlap, ends and empty spans excepted? */
function overlap(entries: number[], startMs: ArrayLike<number>, endMs: ArrayLike<number>): boolean {
  return entries.some((a) =>
    entries.some((b) => a < b && startMs[a] < endMs[b] && startMs[b] < endMs[a] && endMs[a] > startMs[a]),
  );
}

describe('timeSchedule', () => {
  it('agrees with a naive execution, memory included', () => {
    fc.assert(
      fc.property(cases, ({ step, schedule }) => {
        const naive = naiveTiming(step, schedule);
        const { timing, perDevicePeakBytes, stepTimeMs } = simulate(step, schedule);
        expect([...timing!.startMs]).toEqual(naive.startMs);
        expect([...timing!.endMs]).toEqual(naive.endMs);
        expect([...perDevicePeakBytes]).toEqual(naive.peaks);
        expect(stepTimeMs).toBe(Math.max(0, ...naive.endMs));
      }),
      { numRuns: 600 },
    );
  });

  it('runs one computation at a time on a device, one transfer at a time on a channel, none too fast', () => {
    fc.assert(
      fc.property(cases, ({ step, schedule }) => {
        const { startMs, endMs, channelBytes, channelBusyMs } = timeSchedule(step, schedule);
        const size = step.devices.length + 1;
        const linkOf = (entry: number): number =>
          ((schedule.from[entry] + size) % size) * size + ((schedule.to[entry] + size) % size);
        for (let device = 0; device < step.devices.length; device++) {
          const runs = entriesOf(schedule, (i) => schedule.op[i] === Op.compute && schedule.to[i] === device);
          expect(overlap(runs, startMs, endMs)).toBe(false);
        }
        const copies = entriesOf(schedule, (i) => schedule.op[i] === Op.copy);
        step.channels.forEach((_, channel) => {
          const carried = copies.filter((entry) => step.linkChannel[linkOf(entry)] === channel);
          expect(overlap(carried, startMs, endMs)).toBe(false);
          const bytes = carried.reduce((sum, entry) => sum + step.valueBytes[schedule.subject[entry]], 0);
          expect(channelBytes[channel]).toBe(bytes);
          const fastest = Math.max(1, ...carried.map((entry) => step.linkBytesPerMs[linkOf(entry)]));
          expect(channelBusyMs[channel]).toBeGreaterThanOrEqual(bytes / fastest - 1e-9);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('starts nothing before what it reads is there, and takes no less than the load and the longest path', () => {
    fc.assert(
      fc.property(cases, ({ step, schedule }) => {
        const { startMs, endMs, makespanMs, deviceBusyMs } = timeSchedule(step, schedule);
        expect(makespanMs).toBeGreaterThanOrEqual(Math.max(...deviceBusyMs));
        // By node: the earliest end of its first run, over the fastest device; the longest path must be no longer.
        const fastest = (node: number): number =>
          Math.min(...step.devices.map((_, device) => step.durationMs[device * step.nodeCount + node]));
        const readyMs = new Float64Array(step.valueCount);
        let longestMs = 0;
        for (let node = 0; node < step.nodeCount; node++) {
          let at = 0;
          for (const { offsets, items } of [step.inputs, step.updates])
            for (let i = offsets[node]; i < offsets[node + 1]; i++) at = Math.max(at, readyMs[items[i]]);
          at += fastest(node);
          for (const { offsets, items } of [step.outputs, step.updates])
            for (let i = offsets[node]; i < offsets[node + 1]; i++)
              readyMs[items[i]] = Math.max(readyMs[items[i]], at);
          longestMs = Math.max(longestMs, at);
        }
        expect(makespanMs).toBeGreaterThanOrEqual(longestMs - 1e-9);
        // A computation begins after the end of every earlier entry that made what it reads where it runs.
        for (const entry of entriesOf(schedule, (i) => schedule.op[i] === Op.compute)) {
          const { offsets, items } = step.inputs;
          const node = schedule.subject[entry];
          for (const value of items.slice(offsets[node], offsets[node + 1])) {
            const copied = entriesOf(
              schedule,
              (i) =>
                i < entry &&
                schedule.op[i] === Op.copy &&
                schedule.subject[i] === value &&
                schedule.to[i] === schedule.to[entry],
            ).pop();
            if (copied !== undefined) expect(startMs[entry]).toBeGreaterThanOrEqual(endMs[copied]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is what one device does without transfers: the same memory, the same time', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 10 }), (seed, forwardNodes) => {
        const single = randomStep(seed, { forwardNodes });
        const { recomputations } = randomDirectives(seed + 3, single);
        const double: StepGraph = {
          ...single,
          devices: ['a', 'b'],
          durationMs: Float64Array.from([...single.durationMs, ...single.durationMs]),
          linkBytesPerMs: new Float64Array(9).fill(1),
          linkLatencyMs: new Float64Array(9),
          linkChannel: new Int32Array(9),
          channels: ['all'],
        };
        const directives = { ...keepEverything, recomputations };
        const alone = simulate(single, compileSchedule(single, directives));
        const placed = simulate(double, compileSchedule(double, directives));
        expect(placed.stepTimeMs).toBe(alone.stepTimeMs);
        expect(placed.peakBytes).toBe(alone.peakBytes);
        expect([...placed.liveBytes]).toEqual([...alone.liveBytes]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('timelineOf several devices', () => {
  it('shows what runs where and when, with the highest memory until the next computation begins', () => {
    fc.assert(
      fc.property(cases, ({ step, schedule }) => {
        const naive = naiveTiming(step, schedule);
        const { timing, perDevicePeakBytes } = simulate(step, schedule);
        step.devices.forEach((_, device) => {
          const timeline = timelineOf(step, schedule, device);
          const runs = entriesOf(schedule, (i) => schedule.op[i] === Op.compute).sort(
            (a, b) => naive.startMs[a] - naive.startMs[b] || a - b,
          );
          expect([...timeline.node]).toEqual(runs.map((entry) => schedule.subject[entry]));
          expect([...timeline.runsOn]).toEqual(runs.map((entry) => schedule.to[entry]));
          const begin = (i: number): Moment =>
            i === runs.length ? [Infinity, Infinity] : [naive.startMs[runs[i]], 2 * runs[i]];
          for (let i = 0; i < timeline.length; i++) {
            // What comes before the first computation counts with it.
            const within = naive.peakWithin(device, i === 0 ? [-1, -1] : begin(i), begin(i + 1));
            expect(timeline.liveBytes[i]).toBe(within);
            expect(timeline.liveBytes[i]).toBe(
              Object.values(timeline.bandBytes).reduce((sum, bytes) => sum + bytes[i], 0),
            );
          }
          expect(Math.max(...timeline.liveBytes)).toBe(perDevicePeakBytes[device]);
          for (const { value, from, to, startMs, endMs } of timeline.transfers) {
            expect([from, to]).toContain(device);
            const entry = entriesOf(
              schedule,
              (i) =>
                schedule.op[i] === Op.copy &&
                schedule.subject[i] === value &&
                schedule.from[i] === from &&
                schedule.to[i] === to &&
                timing!.startMs[i] === startMs,
            );
            expect(entry.map((i) => timing!.endMs[i])).toContain(endMs);
          }
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('inTimeOrder', () => {
  it('is a valid schedule of the same entries', () => {
    fc.assert(
      fc.property(cases, ({ step, schedule }) => {
        const ordered = inTimeOrder(step, schedule);
        const found = simulate(step, ordered);
        expect(found.transferBytes).toBe(simulate(step, schedule).transferBytes);
        expect(ordered.length).toBe(schedule.length);
      }),
      { numRuns: 300 },
    );
  });
});
