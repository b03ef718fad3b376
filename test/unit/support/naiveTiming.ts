import { initialPlacement } from '../../../planner-core/simulator/initialPlacement';
import { Op, hostMemory, type Schedule } from '../../../planner-core/simulator/schedule';
import type { Rows, StepGraph } from '../../../planner-core/step/stepGraph';

const row = (rows: Rows, i: number): number[] => [...rows.items.slice(rows.offsets[i], rows.offsets[i + 1])];

export type Moment = readonly [ms: number, rank: number];

export interface NaiveTiming {
  readonly startMs: number[];
  readonly endMs: number[];
  readonly peaks: number[];
  /** Highest memory of a device from a moment until another; moments are [ms, 2 * entry]. */
  readonly peakWithin: (device: number, from: Moment, to: Moment) => number;
}

/**
 * What a schedule means in time, restated as scans over the entries before: who made what an entry reads, who used the
 * device or channel last. Memory is the sum over all lifetimes, at every moment at which one begins.
 */
export function naiveTiming(step: StepGraph, schedule: Schedule): NaiveTiming {
  const { op, subject, from, to, length } = schedule;
  const size = step.devices.length + 1;
  const place = (device: number): number => (device === hostMemory ? size - 1 : device);
  const link = (entry: number): number => place(from[entry]) * size + place(to[entry]);
  const reads = (entry: number): number[] => [
    ...row(step.inputs, subject[entry]),
    ...row(step.updates, subject[entry]),
  ];
  const writes = (entry: number): number[] => [
    ...row(step.outputs, subject[entry]),
    ...row(step.updates, subject[entry]),
  ];
  const provides = (entry: number, value: number, device: number): boolean =>
    to[entry] === device &&
    ((op[entry] === Op.copy && subject[entry] === value) ||
      (op[entry] === Op.compute && writes(entry).includes(value)));
  const startMs: number[] = [];
  const endMs: number[] = [];
  const before = (entry: number, matches: (other: number) => boolean, until?: (other: number) => boolean) => {
    const found: number[] = [];
    for (let other = entry - 1; other >= 0; other--) {
      if (until?.(other)) break;
      if (matches(other)) found.push(other);
    }
    return found;
  };
  const endOfLast = (found: number[]): number => (found.length > 0 ? endMs[found[0]] : 0);
  const endOfAll = (found: number[]): number => Math.max(0, ...found.map((other) => endMs[other]));
  const frees = (value: number, device: number) => (other: number) =>
    op[other] === Op.free && subject[other] === value && from[other] === device;

  for (let entry = 0; entry < length; entry++) {
    const value = subject[entry];
    if (op[entry] === Op.compute) {
      const device = to[entry];
      const onDevice = before(entry, (other) => op[other] === Op.compute && to[other] === device);
      const needs = [
        endOfLast(onDevice),
        endOfAll(
          before(
            entry,
            (other) => op[other] === Op.free && from[other] === device && to[other] === hostMemory,
          ),
        ),
        ...reads(entry).map((read) => endOfLast(before(entry, (other) => provides(other, read, device)))),
        ...writes(entry).map((written) => endOfLast(before(entry, frees(written, device)))),
        ...writes(entry).map((written) =>
          endOfAll(
            before(
              entry,
              (other) => op[other] === Op.copy && subject[other] === written && from[other] === device,
              frees(written, device),
            ),
          ),
        ),
      ];
      startMs.push(Math.max(...needs));
      endMs.push(startMs[entry] + step.durationMs[device * step.nodeCount + value]);
    } else if (op[entry] === Op.copy) {
      const channel = step.linkChannel[link(entry)];
      const waits = from[entry] === hostMemory || schedule.transfersWait;
      const begun = before(entry, (other) => op[other] === Op.compute && to[other] === to[entry]);
      const needs = [
        endOfLast(before(entry, (other) => provides(other, value, from[entry]))),
        endOfLast(before(entry, frees(value, to[entry]))),
        channel < 0
          ? 0
          : endOfLast(
              before(entry, (other) => op[other] === Op.copy && step.linkChannel[link(other)] === channel),
            ),
        waits && begun.length > 0 ? startMs[begun[0]] : 0,
      ];
      startMs.push(Math.max(...needs));
      const rate = step.linkBytesPerMs[link(entry)];
      endMs.push(
        startMs[entry] + (rate > 0 ? step.linkLatencyMs[link(entry)] + step.valueBytes[value] / rate : 0),
      );
    } else {
      const uses = before(
        entry,
        (other) =>
          (op[other] === Op.copy &&
            subject[other] === value &&
            [from[other], to[other]].includes(from[entry])) ||
          (op[other] === Op.compute &&
            to[other] === from[entry] &&
            (reads(other).includes(value) || writes(other).includes(value))),
        frees(value, from[entry]),
      );
      startMs.push(endOfAll(uses));
      endMs.push(startMs[entry]);
    }
  }

  // Lifetimes: from (moment, rank in the schedule) to (moment, rank).
  interface Life {
    device: number;
    bytes: number;
    from: Moment;
    to: Moment;
  }
  const lives: Life[] = [];
  const open = new Map<string, Life>();
  const begin = (value: number, device: number, at: Moment): void => {
    const key = `${value} ${device}`;
    if (open.has(key)) return;
    const life: Life = { device, bytes: step.valueBytes[value], from: at, to: [Infinity, Infinity] };
    open.set(key, life);
    lives.push(life);
  };
  initialPlacement(step, schedule).forEach((device, value) => {
    if (device >= 0) begin(value, device, [-1, -1]);
  });
  for (let entry = 0; entry < length; entry++) {
    const device = to[entry];
    if (op[entry] === Op.compute) {
      for (const value of row(step.outputs, subject[entry]))
        begin(value, device, [startMs[entry], 2 * entry]);
      const bytes = step.workspaceBytes[subject[entry]];
      lives.push({ device, bytes, from: [startMs[entry], 2 * entry], to: [endMs[entry], 2 * entry + 1] });
    } else if (op[entry] === Op.copy && device !== hostMemory) {
      begin(subject[entry], device, [startMs[entry], 2 * entry]);
    } else if (op[entry] === Op.free) {
      const key = `${subject[entry]} ${from[entry]}`;
      open.get(key)!.to = [startMs[entry], 2 * entry];
      open.delete(key);
    }
  }
  const isBefore = (a: Moment, b: Moment): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
  const liveAt = (device: number, at: Moment): number =>
    lives.reduce(
      (sum, life) =>
        life.device === device && !isBefore(at, life.from) && isBefore(at, life.to) ? sum + life.bytes : sum,
      0,
    );
  const moments = lives.map((life) => life.from);
  const peakWithin = (device: number, first: Moment, last: Moment): number =>
    Math.max(
      liveAt(device, first),
      ...moments
        .filter((moment) => !isBefore(moment, first) && isBefore(moment, last))
        .map((moment) => liveAt(device, moment)),
    );
  const peaks = step.devices.map((_, device) => peakWithin(device, [-1, -1], [Infinity, Infinity]));
  return { startMs, endMs, peaks, peakWithin };
}
