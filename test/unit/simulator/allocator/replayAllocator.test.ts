import { describe, expect, it } from 'vitest';
import { defaultAllocatorConfig } from '../../../../planner-core/simulator/allocator/allocatorConfig';
import {
  replayAllocator,
  type ReplayOptions,
} from '../../../../planner-core/simulator/allocator/replayAllocator';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { initialPlacement } from '../../../../planner-core/simulator/initialPlacement';
import { keepEverything, Op, type Schedule } from '../../../../planner-core/simulator/schedule';
import { inListedOrder } from '../../support/listedOrder';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { StepBuilder } from '../../../../planner-core/step/stepBuilder';
import { Phase, ValueKind, type StepGraph } from '../../../../planner-core/step/stepGraph';
import { randomDirectives, randomStep } from '../../support/randomStep';
import { NaiveAllocator } from './naiveAllocator';

const KiB = 1024;
const MiB = 1024 * KiB;
const config = defaultAllocatorConfig;
const steady: ReplayOptions = { config, warmUp: true };

/** A random step whose values have the sizes that real ones have: a few bytes to tens of MiB. */
function largeStep(seed: number, devices = 1): StepGraph {
  const step = randomStep(seed, { forwardNodes: 1 + (seed % 14), devices });
  const units = [1, 700, 60 * KiB + 3, 900 * KiB];
  for (const bytes of [step.valueBytes, step.workspaceBytes])
    bytes.forEach((size, i) => (bytes[i] = size * units[(i + seed) % units.length]));
  return step;
}

/** Peaks of the second of two steps on one device, with an allocator that searches lists. */
function naivePeaks(step: StepGraph, schedule: Schedule) {
  const allocator = new NaiveAllocator(config, Infinity);
  const placement = initialPlacement(step, schedule);
  const live = new Set<number>();
  let peaks = { allocated: 0, reserved: 0 };
  const observe = (): void => {
    peaks = {
      allocated: Math.max(peaks.allocated, allocator.allocatedBytes),
      reserved: Math.max(peaks.reserved, allocator.reservedBytes),
    };
  };
  const make = (value: number): void => {
    if (live.has(value)) return;
    live.add(value);
    if (step.valueBytes[value] > 0) allocator.allocate(value, step.valueBytes[value]);
  };
  const drop = (value: number): void => {
    live.delete(value);
    allocator.free(value);
  };
  for (let round = 0; round < 2; round++) {
    for (const value of [...live]) if (placement[value] < 0) drop(value);
    placement.forEach((device, value) => device === 0 && make(value));
    peaks = { allocated: 0, reserved: 0 };
    observe();
    for (let entry = 0; entry < schedule.length; entry++) {
      const subject = schedule.subject[entry];
      if (schedule.op[entry] === Op.free) drop(subject);
      else if (schedule.op[entry] === Op.copy && schedule.to[entry] === 0) make(subject);
      else if (schedule.op[entry] === Op.compute) {
        const { offsets, items } = step.outputs;
        items.subarray(offsets[subject], offsets[subject + 1]).forEach(make);
        if (step.workspaceBytes[subject] > 0) allocator.allocate(-1, step.workspaceBytes[subject]);
        observe();
        allocator.free(-1);
      }
      observe();
    }
  }
  return peaks;
}

describe('replayAllocator', () => {
  it.each([1, 2, 3])(
    'requests what the simulator counts, within blocks within segments, %i device(s)',
    (devices) => {
      for (let seed = 0; seed < 300; seed++) {
        const step = largeStep(seed, devices);
        const schedule = compileSchedule(step, randomDirectives(seed, step));
        // Entry by entry: transfers and other devices run beside, and the simulator counts what is there at a time.
        const listed = inListedOrder(step, schedule);
        if (devices === 1 && !schedule.op.includes(Op.copy))
          expect([...simulate(step, schedule).perDevicePeakBytes]).toEqual(listed.peaks);
        for (const expandableSegments of [false, true]) {
          const options = { config: { ...config, expandableSegments }, warmUp: seed % 3 > 0 };
          const { devices: peaks, outOfMemory } = replayAllocator(step, schedule, options);
          expect(outOfMemory).toBeUndefined();
          const requested = peaks.map((device) => device.requested.bytes);
          expect(requested, `seed ${seed}`).toEqual(listed.peaks);
          for (const device of peaks) {
            expect(device.allocated.bytes).toBeGreaterThanOrEqual(device.requested.bytes);
            expect(device.reserved.bytes).toBeGreaterThanOrEqual(device.allocated.bytes);
            expect(device.requestedThereBytes).toBeLessThanOrEqual(device.requested.bytes);
            expect(device.workspaceThereBytes).toBe(0);
          }
        }
      }
    },
  );

  it('agrees with replaying two steps on lists', () => {
    for (let seed = 0; seed < 300; seed++) {
      const step = largeStep(seed);
      const schedule = compileSchedule(step, randomDirectives(seed, step));
      const { allocated, reserved } = replayAllocator(step, schedule, steady).devices[0];
      const found = { allocated: allocated.bytes, reserved: reserved.bytes };
      expect(found, `seed ${seed}`).toEqual(naivePeaks(step, schedule));
    }
  });

  it('is deterministic', () => {
    const step = largeStep(5, 2);
    const schedule = compileSchedule(step, randomDirectives(5, step));
    expect(replayAllocator(step, schedule, steady)).toEqual(replayAllocator(step, schedule, steady));
  });

  it('says where the peaks are', () => {
    const { step, schedule } = trainingStep();
    const { requested, allocated } = replayAllocator(step, schedule, steady).devices[0];
    const nodeAt = (entry: number): string => step.nodeName[schedule.subject[entry]];
    expect([nodeAt(requested.entry), nodeAt(allocated.entry)]).toEqual(['backward', 'backward']);
  });

  it('gives each thread that calls the library a workspace, once', () => {
    const { step, schedule } = trainingStep();
    const workspace = {
      callers: Uint8Array.from([1, 0, 1, 0]),
      handleBytes: [8 * MiB],
      persistent: true,
    };
    const plain = replayAllocator(step, schedule, steady).devices[0];
    const kept = replayAllocator(step, schedule, { ...steady, workspace }).devices[0];
    expect(kept.workspaceThereBytes).toBe(16 * MiB);
    expect(kept.allocated.bytes).toBe(plain.allocated.bytes + 16 * MiB);
    expect(kept.requested).toEqual(plain.requested);

    const perCall = { ...workspace, persistent: false };
    const transient = replayAllocator(step, schedule, { ...steady, workspace: perCall }).devices[0];
    expect(transient.workspaceThereBytes).toBe(8 * MiB);
    expect(transient.allocated.bytes).toBe(plain.allocated.bytes + 8 * MiB);

    const nobody = { ...workspace, callers: new Uint8Array(4) };
    expect(replayAllocator(step, schedule, { ...steady, workspace: nobody }).devices[0]).toEqual(plain);
  });

  it('splits a value into the tensors it consists of', () => {
    const { step, schedule } = trainingStep();
    const tensorsOf = (value: number): number[] => [step.valueBytes[value] - 100, 100];
    const plain = replayAllocator(step, schedule, steady).devices[0];
    const split = replayAllocator(step, schedule, { ...steady, tensorsOf }).devices[0];
    expect(split.requested).toEqual(plain.requested);
    expect(split.allocated.bytes).toBeGreaterThan(plain.allocated.bytes);
  });

  it('says where a device runs out of memory, and how often it could go on', () => {
    const { step, schedule } = trainingStep();
    const { reserved, allocated } = replayAllocator(step, schedule, steady).devices[0];
    const within = (capacity: number) =>
      replayAllocator(step, schedule, { ...steady, capacityBytes: [capacity] });
    expect(within(reserved.bytes).outOfMemory).toBeUndefined();
    expect(within(reserved.bytes).retryCounts).toEqual([0]);
    const { outOfMemory } = within(allocated.bytes - 1);
    // The first step has no optimizer state yet and still fits.
    expect(outOfMemory).toMatchObject({ device: 0, isWarmUp: false });
    expect(step.nodeName[schedule.subject[outOfMemory!.entry]]).toBe('backward');
  });

  it('makes optimizer state in the first step among what its activations left behind', () => {
    const { step, schedule } = trainingStep();
    const first = replayAllocator(step, schedule, { config, warmUp: false }).devices[0];
    const settled = replayAllocator(step, schedule, steady).devices[0];
    expect(first.requested).toEqual(settled.requested);
    // The state takes the place of a dead activation, for which the second step then needs another segment.
    expect(settled.reserved.bytes).toBeGreaterThan(first.reserved.bytes);
  });
});

/** Forward, loss, backward, update of one 30 MiB layer with 25 MiB of optimizer state. */
function trainingStep(): { step: StepGraph; schedule: Schedule } {
  const builder = new StepBuilder();
  const value = (name: string, kind: ValueKind, mebibytes: number, residentAtStart = false): number =>
    builder.value({ name, kind, bytes: mebibytes * MiB, residentAtStart });
  const parameter = value('parameter', ValueKind.parameter, 10, true);
  const state = value('state', ValueKind.optimizerState, 25, true);
  const activation = value('activation', ValueKind.activation, 30);
  const seed = value('seed', ValueKind.activationGradient, 1);
  const gradient = value('gradient', ValueKind.parameterGradient, 10);
  builder.keepToEnd(gradient);
  const node = (
    name: string,
    phase: Phase,
    parts: { inputs: number[]; outputs?: number[]; updates?: number[]; workspaceBytes?: number },
  ): number =>
    builder.node({
      name,
      phase,
      operator: -1,
      module: 0,
      durationMs: [1],
      recomputable: false,
      outputs: [],
      ...parts,
    });
  node('forward', Phase.forward, { inputs: [parameter], outputs: [activation] });
  node('loss', Phase.loss, { inputs: [activation], outputs: [seed] });
  node('backward', Phase.backward, {
    inputs: [seed, activation, parameter],
    outputs: [gradient],
    workspaceBytes: 3 * MiB,
  });
  node('update', Phase.optimizer, { inputs: [gradient], updates: [parameter, state] });
  const step = builder.build(['gpu0'], new Float64Array(4), []);
  return { step, schedule: compileSchedule(step, keepEverything) };
}
