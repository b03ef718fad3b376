import fc from 'fast-check';
import type { PlacementProblem, Transfers } from '../../../../../planner-core/planners/placement/problem';

export interface Sketch {
  /** By task: milliseconds on either device; a large number stands for "cannot run". */
  readonly times: readonly (readonly [number, number])[];
  /** Results: producer, readers as offsets ahead, bytes. */
  readonly results: readonly (readonly [producer: number, ahead: readonly number[], bytes: number])[];
  /** By task: an earlier task of the same group, or itself. */
  readonly tied: readonly number[];
  readonly bytes: readonly number[];
  readonly pins: readonly number[];
  readonly latencyMs: readonly [number, number];
  readonly msPerByte: readonly [number, number];
}

const cannotRun = 99;

export const sketches: fc.Arbitrary<Sketch> = fc.integer({ min: 2, max: 8 }).chain((count) =>
  fc.record({
    times: fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 98 })), {
      minLength: count,
      maxLength: count,
    }),
    results: fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: count - 2 }),
        fc.uniqueArray(fc.integer({ min: 1, max: count }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 40 }),
      ),
      { maxLength: 12 },
    ),
    tied: fc.array(fc.nat({ max: 3 * count }), { minLength: count, maxLength: count }),
    bytes: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: count, maxLength: count }),
    pins: fc.array(fc.integer({ min: -6, max: 1 }), { minLength: count, maxLength: count }),
    latencyMs: fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })),
    msPerByte: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
  }),
);

/** The problem a sketch stands for, under a kind of transfers. */
export function problemOf(sketch: Sketch, kind: Transfers['kind'] = 'links'): PlacementProblem {
  const count = sketch.times.length;
  const root = sketch.tied.map((tie, task) => (tie < task ? tie : task));
  const roots = root.map((task) => (root[task] === task ? task : root[task]));
  const settle = (task: number): number => (roots[task] === task ? task : settle(roots[task]));
  const leaders = [...new Set(roots.map((_, task) => settle(task)))];
  const groupOf = Int32Array.from(roots, (_, task) => leaders.indexOf(settle(task)));
  const members = leaders.map((_, group) => [...groupOf.keys()].filter((task) => groupOf[task] === group));
  const results = sketch.results.map(([producer, ahead, bytes]) => ({
    producer,
    readers: ahead.map((step) => producer + step).filter((reader) => reader < count),
    bytes,
  }));
  const groups = leaders.length;
  return {
    taskCount: count,
    deviceCount: 2,
    taskName: sketch.times.map((_, task) => `task${task}`),
    deviceName: ['phone', 'server'],
    durationMs: Float64Array.from(
      [0, 1].flatMap((device) => sketch.times.map((ms) => (ms[device] >= cannotRun ? Infinity : ms[device]))),
    ),
    order: Int32Array.from(sketch.times.keys()),
    resultProducer: Int32Array.from(results, ({ producer }) => producer),
    resultReaders: rows(results.map(({ readers }) => readers)),
    resultBytes: Float64Array.from(results, ({ bytes }) => bytes),
    transfers: transfersOf(sketch, results, kind),
    groupOf,
    groups: rows(members),
    isBackward: new Uint8Array(count),
    groupBytes: Float64Array.from({ length: groups }, (_, group) => sketch.bytes[group]),
    memoryBytes: Float64Array.of(Infinity, Infinity),
    pinnedDevice: Int32Array.from({ length: groups }, (_, group) => Math.max(-1, sketch.pins[group])),
  };
}

function transfersOf(
  { latencyMs, msPerByte }: Sketch,
  results: readonly { readonly readers: readonly number[]; readonly bytes: number }[],
  kind: Transfers['kind'],
): Transfers {
  const square = ([forth, back]: readonly [number, number]): Float64Array =>
    Float64Array.of(0, forth, back, 0);
  switch (kind) {
    case 'links':
      return {
        kind,
        latencyMs: square(latencyMs),
        msPerByte: square(msPerByte),
        channel: Int32Array.of(0, 0, 1, 0),
        channelCount: 2,
      };
    case 'through-host':
      return {
        kind,
        resultMs: Float64Array.from(results, ({ bytes }) => bytes),
        isAccelerator: Uint8Array.of(0, 1),
      };
    case 'listed':
      return {
        kind,
        entryMs: Float64Array.from(
          results.flatMap(({ readers, bytes }) =>
            readers.flatMap((reader) => [0, bytes * msPerByte[0] + reader, bytes * msPerByte[1], 0]),
          ),
        ),
      };
  }
}

function rows(lists: readonly (readonly number[])[]): { offsets: Int32Array; items: Int32Array } {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => (offsets[i + 1] = offsets[i] + list.length));
  return { offsets, items: Int32Array.from(lists.flat()) };
}

/** Written anew from what the problem says: a time of everything on `device` (by group); Infinity where it cannot be. */
export function naiveMs(
  problem: PlacementProblem,
  device: readonly number[],
  direction: 'both' | 'one-way' = 'both',
  byteFactor = 1,
): number {
  const { taskCount, durationMs, groupOf, pinnedDevice, transfers, resultReaders } = problem;
  if (device.some((index, group) => pinnedDevice[group] >= 0 && pinnedDevice[group] !== index))
    return Infinity;
  let sum = 0;
  for (let task = 0; task < taskCount; task++) sum += durationMs[device[groupOf[task]] * taskCount + task];
  problem.resultProducer.forEach((producer, result) => {
    const from = device[groupOf[producer]];
    let isSent = false;
    for (let entry = resultReaders.offsets[result]; entry < resultReaders.offsets[result + 1]; entry++) {
      const to = device[groupOf[resultReaders.items[entry]]];
      if (to === from) continue;
      if (direction === 'one-way' && from === 1) sum = Infinity;
      if (transfers.kind === 'listed') sum += transfers.entryMs[entry * 4 + from * 2 + to];
      else if (!isSent && transfers.kind === 'links')
        sum +=
          transfers.latencyMs[from * 2 + to] +
          byteFactor * problem.resultBytes[result] * transfers.msPerByte[from * 2 + to];
      else if (!isSent && transfers.kind === 'through-host') sum += transfers.resultMs[result];
      isSent = true;
    }
  });
  return sum;
}

/** All ways to put the groups on two devices. */
export function* allSides(groupCount: number): Generator<number[]> {
  for (let bits = 0; bits < 2 ** groupCount; bits++)
    yield Array.from({ length: groupCount }, (_, group) => (bits >> group) & 1);
}
