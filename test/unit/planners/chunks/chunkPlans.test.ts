import { describe, expect, it } from 'vitest';
import { appendTo } from '../../../../planner-core/base/groups';
import { uncontrolled } from '../../../../planner-core/base/job';
import {
  chunkPlan,
  chunkPlans,
  fastestChunkPlan,
  leastChunkPlan,
  neededBytes,
  type ChunkChoices,
} from '../../../../planner-core/planners/chunks/chunkPlans';
import { chunkedStep, modelTensors } from '../../../../planner-core/planners/chunks/chunkedStep';
import { chunkSequence } from '../../../../planner-core/planners/chunks/chunkSequence';
import { pageChunks } from '../../../../planner-core/planners/chunks/pageChunks';
import { chunkSizes } from '../../../../planner-core/planners/chunks/packing';
import { initialPlacement } from '../../../../planner-core/simulator/initialPlacement';
import { Op, type Schedule } from '../../../../planner-core/simulator/schedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { Random } from '../../support/random';
import { trainingStep } from '../../support/trainingStep';

const keepAll = { planner: 'keep all', recomputations: new Int32Array(0) };

/** Every forward computation again before its backward one. */
function recomputeAll(step: StepGraph): { planner: string; recomputations: Int32Array } {
  const pairs: number[] = [];
  const backward = step.nodeName.findIndex((name) => name.endsWith('backward'));
  const layers = step.nodeName.indexOf('loss');
  for (let node = 0; node + 1 < layers; node++) pairs.push(backward, node);
  return { planner: 'recompute all', recomputations: Int32Array.from(pairs) };
}

function choicesOf(seed: number, updates: ChunkChoices['updates'] = 'auto'): ChunkChoices {
  const step = trainingStep(seed, 2 + (seed % 6));
  const tensors = modelTensors(step);
  const packings = chunkSizes(tensors.map(({ bytes }) => bytes));
  const bases = [keepAll, recomputeAll(step)];
  return { step, tensors, packings, bases, updates, hostBytes: Infinity };
}

/**
 * Replays a schedule with a version for each copy of each value: throws where a computation reads an old copy. Returns
 * where each value is up to date at the end.
 */
function replayVersions(step: StepGraph, schedule: Schedule): Map<number, number[]> {
  const current = new Map<number, number>();
  const copies = new Map<string, number>();
  initialPlacement(step, schedule).forEach((device, value) => {
    if (device >= 0) copies.set(`${value} ${device}`, 0);
  });
  const rowOf = ({ offsets, items }: StepGraph['inputs'], node: number): number[] => [
    ...items.subarray(offsets[node], offsets[node + 1]),
  ];
  for (let entry = 0; entry < schedule.length; entry++) {
    const [subject, from, to] = [schedule.subject[entry], schedule.from[entry], schedule.to[entry]];
    if (schedule.op[entry] === Op.free) copies.delete(`${subject} ${from}`);
    else if (schedule.op[entry] === Op.copy) {
      expect(copies.get(`${subject} ${from}`), `copy of ${step.valueName[subject]}`).toBe(
        current.get(subject) ?? 0,
      );
      copies.set(`${subject} ${to}`, current.get(subject) ?? 0);
    } else {
      for (const value of [...rowOf(step.inputs, subject), ...rowOf(step.updates, subject)])
        expect(copies.get(`${value} ${to}`), `${step.nodeName[subject]} reads ${step.valueName[value]}`).toBe(
          current.get(value) ?? 0,
        );
      for (const value of [...rowOf(step.outputs, subject), ...rowOf(step.updates, subject)]) {
        current.set(value, (current.get(value) ?? 0) + 1);
        copies.set(`${value} ${to}`, current.get(value)!);
      }
    }
  }
  const places = new Map<number, number[]>();
  for (const [key, version] of copies) {
    const [value, device] = key.split(' ').map(Number);
    if (version === (current.get(value) ?? 0)) appendTo(places, value, device);
  }
  return places;
}

describe('model data in chunks', () => {
  it('keeps the budget, reads what is up to date, and ends where the next step begins', () => {
    let paged = 0;
    let onHost = 0;
    for (let seed = 0; seed < 150; seed++) {
      const { step, tensors, packings, bases } = choicesOf(seed);
      if (tensors.length === 0) continue;
      const random = new Random(seed);
      const chunked = chunkedStep(step, tensors, random.pick(packings));
      const updatedOnDevice = random.int(0, chunked.packing.chunkCount);
      const base = random.pick(bases);
      const sequence = chunkSequence(chunked, base.recomputations, updatedOnDevice);
      const least = neededBytes(sequence);
      expect(pageChunks(sequence, least - 1), `seed ${seed}`).toBeUndefined();
      for (const budget of [least, least + random.int(0, 20), least + random.int(0, 60), 10_000]) {
        const schedule = pageChunks(sequence, budget)!;
        expect(schedule, `seed ${seed}`).toBeDefined();
        const { perDevicePeakBytes, timing, computeMs, stepTimeMs } = simulate(chunked.step, schedule);
        expect(perDevicePeakBytes[0], `seed ${seed}, budget ${budget}`).toBeLessThanOrEqual(budget);
        if (timing) expect(Math.max(...timing.channelBusyMs)).toBeLessThanOrEqual(stepTimeMs + 1e-9);
        expect(stepTimeMs).toBeLessThanOrEqual(
          computeMs + (timing?.channelBusyMs.reduce((a, b) => a + b, 0) ?? 0) + 1e-9,
        );
        const places = replayVersions(chunked.step, schedule);
        const begin = initialPlacement(chunked.step, schedule);
        for (const { value } of chunked.chunks)
          if (chunked.step.residentAtEnd[value])
            expect(places.get(value), `seed ${seed}: ${chunked.step.valueName[value]}`).toContain(
              begin[value],
            );
        paged += Number(schedule.op.includes(Op.copy));
        onHost += Number(sequence.hostNodes.length > 0);
      }
      // With room for everything nothing moves but what the host updates.
      const roomy = pageChunks(sequence, 10_000)!;
      if (sequence.hostNodes.length === 0) expect(roomy.op.includes(Op.copy), `seed ${seed}`).toBe(false);
    }
    expect(paged).toBeGreaterThan(200);
    expect(onHost).toBeGreaterThan(100);
  });

  it('takes as long as without chunks, and their waste more memory, where everything stays', () => {
    for (let seed = 0; seed < 40; seed++) {
      const { step, tensors, packings } = choicesOf(seed, 'device');
      if (tensors.length === 0) continue;
      for (const packing of packings) {
        const chunked = chunkedStep(step, tensors, packing);
        const sequence = chunkSequence(chunked, keepAll.recomputations, packing.chunkCount);
        const plan = chunkPlan({ ...sequence, base: keepAll, updatedOnDevice: packing.chunkCount }, 100_000)!;
        const devicesMs = step.durationMs.subarray(0, step.nodeCount).reduce((sum, ms) => sum + ms, 0);
        expect(plan.simulation.stepTimeMs).toBe(devicesMs);
        const chunkBytes = chunked.chunks.length * packing.chunkBytes;
        const stateBytes = tensors.reduce(
          (sum, { bytes, gradient, state }) => sum + bytes * (1 + (gradient ? 1 : 0) + (state ? 2 : 0)),
          0,
        );
        expect(chunked.wasteBytes).toBe(chunkBytes - stateBytes);
      }
    }
  });

  it('finds what needs the least memory, and nothing under less', async () => {
    for (let seed = 0; seed < 25; seed++) {
      for (const updates of ['device', 'host', 'auto'] as const) {
        const choices = choicesOf(seed, updates);
        if (choices.tensors.length === 0) continue;
        const least = (await leastChunkPlan(choices, uncontrolled))!;
        expect(least.simulation.perDevicePeakBytes[0]).toBeLessThanOrEqual(least.budgetBytes);
        expect(await chunkPlans(choices, least.budgetBytes - 1, uncontrolled), `seed ${seed}`).toEqual([]);
        const there = fastestChunkPlan(await chunkPlans(choices, least.budgetBytes, uncontrolled))!;
        expect(there.simulation.stepTimeMs).toBe(least.simulation.stepTimeMs);
      }
    }
  });

  it('leaves out what does not fit the host', async () => {
    const choices = choicesOf(5, 'host');
    const all = await chunkPlans(choices, 1000, uncontrolled);
    const most = Math.max(...all.map(({ simulation }) => simulation.perDevicePeakBytes[1]));
    const some = await chunkPlans({ ...choices, hostBytes: most - 1 }, 1000, uncontrolled);
    expect(some.length).toBeLessThan(all.length);
    expect(await leastChunkPlan({ ...choices, hostBytes: 0 }, uncontrolled)).toBeUndefined();
  });

  it('updates on the host only after backward', () => {
    const { step, tensors, packings } = choicesOf(9);
    const chunked = chunkedStep(step, tensors, packings[0]);
    const schedule = pageChunks(chunkSequence(chunked, keepAll.recomputations, 0), 1000)!;
    const { timing } = simulate(chunked.step, schedule);
    const ends = (wanted: (name: string) => boolean): number[] =>
      [...schedule.op.keys()].filter(
        (entry) =>
          schedule.op[entry] === Op.compute && wanted(chunked.step.nodeName[schedule.subject[entry]]),
      );
    const backward = Math.max(
      ...ends((name) => name.endsWith('backward')).map((entry) => timing!.endMs[entry]),
    );
    const updates = ends((name) => name.startsWith('update')).map((entry) => timing!.startMs[entry]);
    expect(updates.length).toBeGreaterThan(0);
    for (const start of updates) expect(start).toBeGreaterThanOrEqual(backward);
  });
});
