import { HeadroomError } from '../../../base/errors';
import { appendTo } from '../../../base/groups';
import type { PlacementProblem } from '../problem';

/** Which way results may go: 'one-way' from the first device of the pair to the second, never back. */
export type Direction = 'both' | 'one-way';

/** A problem seen by two of its devices: what a split of it depends on. */
export interface TwoDevices {
  readonly problem: PlacementProblem;
  /** Indices in the problem. */
  readonly devices: readonly [first: number, second: number];
  /** durationMs[side * groups + group]; Infinity where a task of the group cannot run, or a person chose otherwise. */
  readonly durationMs: Float64Array;
  readonly groupCount: number;
  /** Results that more than one group has to do with; those of the same groups at the same price are one. */
  readonly crossings: readonly Crossing[];
  /** Bytes of what all groups occupy, together. */
  readonly totalBytes: number;
}

/** Results that are paid for when a reader is on the other device than the producer: once, whoever reads. */
export interface Crossing {
  readonly producer: number;
  /** Groups, without the producer. */
  readonly readers: readonly number[];
  /** Of the problem, ascending. */
  readonly results: readonly number[];
  readonly bytes: number;
  /** By the producer's side: what does not depend on the bandwidth (all of it where there are no links). */
  readonly fixedMs: readonly [number, number];
  /** By the producer's side: the share that bandwidth decides. */
  readonly byteMs: readonly [number, number];
}

/**
 * Throws 'bad-usage' for devices that are none or the same, 'infeasible' naming a task that neither device can run and a
 * pin that contradicts what a device can run, or names a third device.
 */
export function twoDevices(
  problem: PlacementProblem,
  first: number,
  second: number,
  direction: Direction = 'both',
): TwoDevices {
  const { taskCount, groupOf, deviceCount, groups } = problem;
  if (first === second || ![first, second].every((device) => device >= 0 && device < deviceCount))
    throw new HeadroomError('bad-usage', 'A split is between two of the devices.', 'Name two that differ.');
  const groupCount = groups.offsets.length - 1;
  const durationMs = new Float64Array(2 * groupCount);
  for (const [side, device] of [first, second].entries())
    for (let task = 0; task < taskCount; task++)
      durationMs[side * groupCount + groupOf[task]] += problem.durationMs[device * taskCount + task];
  const devices = [first, second] as const;
  for (let group = 0; group < groupCount; group++) applyPin(problem, devices, durationMs, group);
  let totalBytes = 0;
  for (const bytes of problem.groupBytes) totalBytes += bytes;
  const crossings = crossingsOf(problem, devices, direction);
  return { problem, devices, durationMs, groupCount, crossings, totalBytes };
}

function applyPin(
  { taskName, deviceName, groups, pinnedDevice }: PlacementProblem,
  devices: readonly [number, number],
  durationMs: Float64Array,
  group: number,
): void {
  const groupCount = groups.offsets.length - 1;
  const name = taskName[groups.items[groups.offsets[group]]];
  const runsOn = (side: number): boolean => Number.isFinite(durationMs[side * groupCount + group]);
  const pinned = pinnedDevice[group];
  if (pinned >= 0) {
    const side = devices.indexOf(pinned);
    const where = { node: name };
    if (side < 0) {
      const message = `${name} is pinned to ${deviceName[pinned]}, which is not one of the two devices.`;
      throw new HeadroomError('infeasible', message, 'Remove the pin.', where);
    }
    if (!runsOn(side)) {
      const message = `${name} is pinned to ${deviceName[pinned]}, which cannot run it.`;
      throw new HeadroomError('infeasible', message, 'Remove the pin.', where);
    }
    durationMs[(1 - side) * groupCount + group] = Infinity;
  } else if (!runsOn(0) && !runsOn(1)) {
    const message = `Neither ${deviceName[devices[0]]} nor ${deviceName[devices[1]]} can run ${name}.`;
    throw new HeadroomError('infeasible', message, 'Choose other devices.', { node: name });
  }
}

function crossingsOf(
  problem: PlacementProblem,
  devices: readonly [number, number],
  direction: Direction,
): Crossing[] {
  const { groupOf, resultProducer, resultReaders, resultBytes, transfers } = problem;
  const isPaidByReader = transfers.kind === 'listed';
  const byKey = new Map<string, Crossing & { results: number[] }>();
  for (let result = 0; result < resultProducer.length; result++) {
    const producer = groupOf[resultProducer[result]];
    const readers = new Map<number, number[]>();
    for (let entry = resultReaders.offsets[result]; entry < resultReaders.offsets[result + 1]; entry++) {
      const reader = groupOf[resultReaders.items[entry]];
      if (reader === producer) continue;
      appendTo(readers, reader, entry);
    }
    if (readers.size === 0) continue;
    const parts = isPaidByReader
      ? [...readers].map(([reader, entries]) => ({ to: [reader], entries }))
      : [{ to: [...readers.keys()].sort((a, b) => a - b), entries: [] }];
    for (const { to, entries } of parts) {
      const [forth, back] = ([0, 1] as const).map((side) =>
        side === 1 && direction === 'one-way'
          ? { fixedMs: Infinity, byteMs: 0 }
          : priceOf(problem, result, entries, devices[side], devices[1 - side]),
      );
      const key = `${producer} ${to.join()}`;
      const bytes = resultBytes[result];
      const known = byKey.get(key);
      byKey.set(key, {
        producer,
        readers: to,
        results: [...(known?.results ?? []), result],
        bytes: (known?.bytes ?? 0) + bytes,
        fixedMs: [(known?.fixedMs[0] ?? 0) + forth.fixedMs, (known?.fixedMs[1] ?? 0) + back.fixedMs],
        byteMs: [(known?.byteMs[0] ?? 0) + forth.byteMs, (known?.byteMs[1] ?? 0) + back.byteMs],
      });
    }
  }
  return [...byKey.values()];
}

function priceOf(
  { transfers, deviceCount, resultBytes }: PlacementProblem,
  result: number,
  entries: readonly number[],
  from: number,
  to: number,
): { fixedMs: number; byteMs: number } {
  switch (transfers.kind) {
    case 'links': {
      const pair = from * deviceCount + to;
      const msPerByte = transfers.msPerByte[pair];
      // No way: nothing can cross, not even what has no bytes.
      if (!Number.isFinite(msPerByte)) return { fixedMs: Infinity, byteMs: 0 };
      return { fixedMs: transfers.latencyMs[pair], byteMs: resultBytes[result] * msPerByte };
    }
    case 'through-host': {
      const spending = transfers.isAccelerator[from] + transfers.isAccelerator[to];
      return { fixedMs: spending * transfers.resultMs[result], byteMs: 0 };
    }
    case 'listed': {
      let fixedMs = 0;
      for (const entry of entries)
        fixedMs += transfers.entryMs[(entry * deviceCount + from) * deviceCount + to];
      return { fixedMs, byteMs: 0 };
    }
  }
}
