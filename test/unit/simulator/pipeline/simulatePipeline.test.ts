import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isTrained,
  passOrders,
  pipelinePeriodMs,
  transferEnds,
  transferMs,
  type HandOn,
  type Pipeline,
  type PipelineOrder,
} from '../../../../planner-core/simulator/pipeline/pipeline';
import {
  simulatePipeline,
  type PipelineRun,
} from '../../../../planner-core/simulator/pipeline/simulatePipeline';
import { sequenceOfChance } from '../../../../planner-core/planners/schedule/chance';

interface Shape {
  readonly seed: number;
  readonly stages: number;
  readonly microBatches: number;
  readonly order: PipelineOrder;
  readonly isTraining: boolean;
  readonly isReplicated: boolean;
  /** Several stages on a device, and one channel for all. */
  readonly isShared: boolean;
  /** Micro-batches in flight; 0: as the order has it. */
  readonly inFlight: number;
}

const shapes = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  stages: fc.integer({ min: 1, max: 5 }),
  microBatches: fc.integer({ min: 1, max: 7 }),
  order: fc.constantFrom<PipelineOrder>('gpipe', '1f1b'),
  isTraining: fc.boolean(),
  isReplicated: fc.boolean(),
  isShared: fc.boolean(),
  inFlight: fc.integer({ min: 0, max: 4 }),
});

function randomPipeline({
  seed,
  stages,
  microBatches,
  order,
  isTraining,
  isReplicated,
  isShared,
  inFlight,
}: Shape): Pipeline {
  const chance = sequenceOfChance(seed);
  for (let i = 0; i < 8; i++) chance();
  const upTo = (most: number): number => Math.floor(chance() * (most + 1));
  let deviceCount = 0;
  const list = Array.from({ length: stages }, (_, stage) => {
    const replicas = isReplicated ? 1 + upTo(2) : 1;
    const isOld = isShared && stage > 0 && chance() < 0.4;
    const devices = isOld ? [upTo(deviceCount - 1)] : Array.from({ length: replicas }, () => deviceCount++);
    return {
      name: `s${stage}`,
      devices,
      forwardMs: devices.map(() => 1 + upTo(6)),
      backwardMs: devices.map(() => (isTraining ? 1 + upTo(9) : 0)),
      keptBytes: upTo(10),
      residentBytes: upTo(20),
      finishMs: isTraining ? upTo(4) : 0,
    };
  });
  const handOns: HandOn[] = [];
  for (let to = 1; to < stages; to++) {
    for (let from = 0; from < to; from++) {
      if (from < to - 1 && chance() < 0.7) continue;
      const bytes = upTo(4);
      handOns.push({ from, to, results: 1, bytes, gradients: 1, gradientBytes: bytes });
    }
  }
  const size = deviceCount * deviceCount;
  const links = {
    deviceCount,
    latencyMs: new Float64Array(size).fill(upTo(1)),
    msPerByte: Float64Array.from({ length: size }, () => upTo(2)),
    channel: Int32Array.from({ length: size }, (_, pair) => (isShared ? 0 : pair)),
    channelCount: isShared ? 1 : size,
  };
  const pipeline = { stages: list, handOns, links, microBatches, order };
  return inFlight === 0
    ? pipeline
    : { ...pipeline, inFlight: list.map((_, stage) => Math.max(1, inFlight - stage)) };
}

/**
 * The same rules found in another way: time goes on by one millisecond at a time (all times are whole), and at each moment every free
 * device and channel takes what has waited longest.
 */
function naiveStarts(pipeline: Pipeline): Map<string, number> {
  const { stages, handOns, links, microBatches } = pipeline;
  const trained = isTrained(pipeline);
  const orders = passOrders(pipeline);
  const started = new Map<string, number>();
  const ended = new Map<string, number>();
  const arrived = new Map<string, number>();
  const name = (stage: number, m: number, back: boolean): string => `${stage} ${m} ${back}`;
  /** When all a pass needs is there; undefined: it is not. */
  const ready = (stage: number, m: number, back: boolean): number | undefined => {
    const times = handOns.flatMap((handOn, index) =>
      (back ? handOn.from : handOn.to) === stage ? [arrived.get(`${index} ${m} ${back}`)] : [],
    );
    if (back) times.push(ended.get(name(stage, m, false)));
    // Inference goes on when a micro-batch has left every stage.
    const before = m - (pipeline.inFlight?.[0] ?? Infinity);
    if (!trained && before >= 0)
      times.push(...stages.map((_, other) => ended.get(name(other, before, false))));
    return times.includes(undefined) ? undefined : Math.max(0, ...(times as number[]));
  };
  const queue: { index: number; m: number; back: boolean; ready: number; stage: number }[] = [];
  const busy: { until: number; resource: string; done: () => void }[] = [];
  const total = stages.length * microBatches * (trained ? 2 : 1);
  for (let now = 0; ended.size < total && now < 20_000; now++) {
    for (let again = true; again;) {
      again = false;
      for (const work of [...busy].filter(({ until }) => until === now)) {
        busy.splice(busy.indexOf(work), 1);
        work.done();
        again = true;
      }
      const isFree = (resource: string): boolean => busy.every((work) => work.resource !== resource);
      for (let device = 0; device < links.deviceCount; device++) {
        if (!isFree(`d${device}`)) continue;
        const heads = orders.flatMap((order, stage) => {
          const { devices } = stages[stage];
          if (!devices.includes(device)) return [];
          const head = order.find(
            ({ microBatch: m, isBackward }) =>
              devices[m % devices.length] === device && !started.has(name(stage, m, isBackward)),
          );
          const at = head && ready(stage, head.microBatch, head.isBackward);
          return head && at !== undefined ? [{ stage, m: head.microBatch, back: head.isBackward, at }] : [];
        });
        heads.sort(
          (a, b) => a.at - b.at || Number(b.back) - Number(a.back) || a.m - b.m || a.stage - b.stage,
        );
        if (heads.length === 0) continue;
        const { stage, m, back } = heads[0];
        const turn = m % stages[stage].devices.length;
        started.set(name(stage, m, back), now);
        again = true;
        busy.push({
          until: now + (back ? stages[stage].backwardMs : stages[stage].forwardMs)[turn],
          resource: `d${device}`,
          done: () => {
            const end = now + (back ? stages[stage].backwardMs : stages[stage].forwardMs)[turn];
            ended.set(name(stage, m, back), end);
            handOns.forEach((handOn, index) => {
              if ((back ? handOn.to : handOn.from) !== stage) return;
              if (transferMs(pipeline, handOn, m, back) === 0) arrived.set(`${index} ${m} ${back}`, end);
              else queue.push({ index, m, back, ready: end, stage });
            });
          },
        });
      }
      queue.sort(
        (a, b) =>
          a.ready - b.ready ||
          Number(b.back) - Number(a.back) ||
          a.m - b.m ||
          a.stage - b.stage ||
          a.index - b.index,
      );
      for (const transfer of [...queue]) {
        const { index, m, back } = transfer;
        const { from, to } = transferEnds(pipeline, handOns[index], m, back);
        const channel = `c${links.channel[from * links.deviceCount + to]}`;
        if (busy.some(({ resource }) => resource === channel)) continue;
        queue.splice(queue.indexOf(transfer), 1);
        const until = now + transferMs(pipeline, handOns[index], m, back);
        busy.push({ until, resource: channel, done: () => void arrived.set(`${index} ${m} ${back}`, until) });
        again = true;
      }
    }
  }
  return started;
}

const startOf = (
  run: PipelineRun,
  { microBatches }: Pipeline,
  stage: number,
  m: number,
  back: boolean,
): number => run.startMs[(stage * microBatches + m) * 2 + Number(back)];

const chain = (
  times: readonly (readonly [forward: number, backward: number])[],
  microBatches: number,
  order: PipelineOrder,
  transferBytes = 0,
): Pipeline => ({
  stages: times.map(([forward, backward], stage) => ({
    name: `s${stage}`,
    devices: [stage],
    forwardMs: [forward],
    backwardMs: [backward],
    keptBytes: 10,
    residentBytes: 100,
    finishMs: 0,
  })),
  handOns: times.slice(1).map((_, from) => ({
    from,
    to: from + 1,
    results: 1,
    bytes: transferBytes,
    gradients: 1,
    gradientBytes: transferBytes,
  })),
  links: {
    deviceCount: times.length,
    latencyMs: new Float64Array(times.length ** 2),
    msPerByte: new Float64Array(times.length ** 2).fill(1),
    channel: Int32Array.from({ length: times.length ** 2 }, (_, pair) => pair),
    channelCount: times.length ** 2,
  },
  microBatches,
  order,
});

describe('simulatePipeline', () => {
  it('does what a simulation by the millisecond does', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const pipeline = randomPipeline(shape);
        const run = simulatePipeline(pipeline);
        const starts = naiveStarts(pipeline);
        passOrders(pipeline).forEach((order, stage) =>
          order.forEach(({ microBatch, isBackward }) =>
            expect(startOf(run, pipeline, stage, microBatch, isBackward)).toBe(
              starts.get(`${stage} ${microBatch} ${isBackward}`),
            ),
          ),
        );
      }),
      { seed: 21, numRuns: 500 },
    );
  });

  it('never beats the period', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const pipeline = randomPipeline({ ...shape, microBatches: 6 });
        const { makespanMs, fillMs, steadyMs, drainMs, deviceBusyMs } = simulatePipeline(pipeline);
        // Six is a multiple of all numbers of replicas.
        expect(makespanMs).toBeGreaterThanOrEqual(6 * pipelinePeriodMs(pipeline) - 1e-9);
        for (const ms of [fillMs, steadyMs, drainMs]) expect(ms).toBeGreaterThanOrEqual(0);
        for (const ms of deviceBusyMs) expect(ms).toBeLessThanOrEqual(makespanMs);
      }),
      { seed: 22, numRuns: 500 },
    );
  });

  it('fills, goes at the pace of the slowest stage or channel, and drains', () => {
    const inference = chain([[2, 0], [5, 0], [3, 0]], 10, 'gpipe', 4); // prettier-ignore
    const run = simulatePipeline(inference);
    expect(pipelinePeriodMs(inference)).toBe(5);
    expect(run.makespanMs).toBe(2 + 4 + 5 + 4 + 3 + 9 * 5);
    expect(run.fillMs).toBe(2 + 4 + 5 + 4);
  });

  it('takes as long as the formulas of GPipe and 1F1B say, and holds as many micro-batches', () => {
    const times: [number, number][] = [[2, 4], [2, 4], [2, 4], [2, 4]]; // prettier-ignore
    const gpipe = simulatePipeline(chain(times, 8, 'gpipe'));
    const alternating = simulatePipeline(chain(times, 8, '1f1b'));
    for (const { makespanMs } of [gpipe, alternating]) expect(makespanMs).toBe((8 + 4 - 1) * (2 + 4));
    expect([...gpipe.mostInFlight]).toEqual([8, 8, 8, 8]);
    expect([...alternating.mostInFlight]).toEqual([4, 3, 2, 1]);
    expect([...alternating.devicePeakBytes]).toEqual([140, 130, 120, 110]);
  });

  it('shares micro-batches out among replicas, which sum their gradients in the end', () => {
    const single = chain([[2, 4], [4, 8]], 8, '1f1b'); // prettier-ignore
    const [first, second] = single.stages;
    const replicated = {
      ...single,
      stages: [first, { ...second, devices: [1, 2], forwardMs: [4, 4], backwardMs: [8, 8], finishMs: 3 }],
      links: { ...chain([[0, 0], [0, 0], [0, 0]], 1, 'gpipe').links }, // prettier-ignore
    };
    expect(pipelinePeriodMs(single)).toBe(12);
    expect(pipelinePeriodMs(replicated)).toBe(6);
    const run = simulatePipeline(replicated);
    expect(run.makespanMs).toBeLessThan(simulatePipeline(single).makespanMs);
    expect(run.deviceBusyMs[1]).toBe(4 * (4 + 8) + 3);
  });

  it('refuses what hands on to an earlier stage', () => {
    const pipeline = chain([[1, 0], [1, 0]], 1, 'gpipe'); // prettier-ignore
    const handOns = [{ ...pipeline.handOns[0], from: 1, to: 0 }];
    expect(() => simulatePipeline({ ...pipeline, handOns })).toThrow(/later stages only/);
  });
});
