import type { Crossing, TwoDevices } from './twoDevices';

/** What splitting by `sides` (by group) crosses and costs. */
export interface SplitCost {
  readonly computeMs: readonly [number, number];
  /** Without what bandwidth decides. */
  readonly fixedTransferMs: number;
  readonly byteTransferMs: number;
  /** Sum of both and of the computations. */
  readonly totalMs: number;
  readonly crossingBytes: number;
  /** Bytes that the groups of the first device occupy. */
  readonly firstBytes: number;
}

export function splitCost(two: TwoDevices, sides: Uint8Array): SplitCost {
  const { groupCount, durationMs, crossings, problem } = two;
  const computeMs: [number, number] = [0, 0];
  let firstBytes = 0;
  for (let group = 0; group < groupCount; group++) {
    computeMs[sides[group]] += durationMs[sides[group] * groupCount + group];
    if (sides[group] === 0) firstBytes += problem.groupBytes[group];
  }
  let [fixedTransferMs, byteTransferMs, crossingBytes] = [0, 0, 0];
  for (const crossing of crossings) {
    if (!crosses(crossing, sides)) continue;
    fixedTransferMs += crossing.fixedMs[sides[crossing.producer]];
    byteTransferMs += crossing.byteMs[sides[crossing.producer]];
    crossingBytes += crossing.bytes;
  }
  const totalMs = computeMs[0] + computeMs[1] + fixedTransferMs + byteTransferMs;
  return { computeMs, fixedTransferMs, byteTransferMs, totalMs, crossingBytes, firstBytes };
}

export const crosses = ({ producer, readers }: Crossing, sides: Uint8Array): boolean =>
  readers.some((reader) => sides[reader] !== sides[producer]);

/** What splitting costs where the bandwidth differs from the problem's. */
export function atBandwidth(two: TwoDevices, sides: Uint8Array, byteFactor: number): SplitCost {
  const cost = splitCost(two, sides);
  const byteTransferMs = byteFactor * cost.byteTransferMs;
  return { ...cost, byteTransferMs, totalMs: cost.totalMs - cost.byteTransferMs + byteTransferMs };
}

/** Bytes the groups of the first device may occupy, so that both devices hold theirs. */
export type BytesRange = readonly [least: number, most: number];

export const isWithin = ([least, most]: BytesRange, bytes: number): boolean =>
  bytes >= least && bytes <= most;
