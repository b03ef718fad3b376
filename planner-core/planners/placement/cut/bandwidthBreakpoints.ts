import { uncontrolled, type Job } from '../../../base/job';
import type { PlacementProblem } from '../problem';
import { cheapestSides } from './cheapestSides';
import { atBandwidth, splitCost } from './splitCost';
import { describe, splitInTwo, type Split, type SplitOptions } from './splitInTwo';
import { twoDevices, type TwoDevices } from './twoDevices';

/** The best split over a range of bandwidths; time falls from `slowest` to `fastest` along totalMs = a + b / bandwidth. */
export interface BandwidthSegment {
  /** In multiples of the problem's bandwidth between the two devices. */
  readonly fromFactor: number;
  readonly toFactor: number;
  /** At the slow end of the segment. */
  readonly split: Split;
  /** What does not depend on the bandwidth, and what is divided by its factor. */
  readonly fixedMs: number;
  readonly byteMs: number;
}

/** Cuts whose times at a bandwidth differ by less of it are equally good. */
const tie = 1e-11;

interface Line {
  readonly sides: Uint8Array;
  readonly fixedMs: number;
  /** Times what the bandwidth factor is the reciprocal of. */
  readonly byteMs: number;
}

/**
 * Every bandwidth within the range at which the best split changes, memory left aside: the time of each split is linear
 * in the reciprocal of the bandwidth, so the best ones are the lower envelope of lines. Found exactly: where the lines
 * of two neighbours meet either nothing is better, or what is joins the envelope (Eisner and Severance, "Mathematical
 * techniques for efficient record segmentation", JACM 1976). Slowest first. One cut a segment and one for each change.
 * Throws as `splitInTwo` does.
 */
export async function bandwidthBreakpoints(
  problem: PlacementProblem,
  first: number,
  second: number,
  range: readonly [fromFactor: number, toFactor: number],
  options: Pick<SplitOptions, 'direction'> = {},
  job: Job = uncontrolled,
): Promise<BandwidthSegment[]> {
  const two = twoDevices(problem, first, second, options.direction);
  // Says what is wrong where nothing is allowed.
  await splitInTwo(problem, first, second, { ...options, ignoreMemory: true }, job);
  const lineAt = (byteFactor: number): Line => lineOf(two, byteFactor);
  const between = async (fast: Line, slow: Line): Promise<Line[]> => {
    await job.checkpoint();
    // Where both take the same time; parallel lines are the same one, or one is never better.
    const byteFactor = (fast.fixedMs - slow.fixedMs) / (slow.byteMs - fast.byteMs);
    if (!(byteFactor > 1 / range[1] && byteFactor < 1 / range[0])) return [];
    const found = lineAt(byteFactor);
    if (timeOf(found, byteFactor) >= timeOf(fast, byteFactor) * (1 - tie)) return [];
    return [...(await between(fast, found)), found, ...(await between(found, slow))];
  };
  const [slow, fast] = [lineAt(1 / range[0]), lineAt(1 / range[1])];
  // Of the fastest bandwidth first: there the slopes, bytes to send, are largest.
  const lines = [fast, ...(await between(fast, slow)), slow].reverse();
  // Equal bytes, or equal times apart from them: the same cut twice, or one that is never better.
  const distinct = lines.filter(
    ({ fixedMs, byteMs }, i) => i === 0 || (byteMs > lines[i - 1].byteMs && fixedMs < lines[i - 1].fixedMs),
  );
  return segmentsOf(two, distinct, range);
}

function lineOf(two: TwoDevices, byteFactor: number): Line {
  const sides = cheapestSides(two, { byteFactor, msPerFirstByte: 0 })!;
  const { totalMs, byteTransferMs } = splitCost(two, sides);
  return { sides, fixedMs: totalMs - byteTransferMs, byteMs: byteTransferMs };
}

const timeOf = ({ fixedMs, byteMs }: Line, byteFactor: number): number => fixedMs + byteFactor * byteMs;

function segmentsOf(
  two: TwoDevices,
  lines: readonly Line[],
  [from, to]: readonly [number, number],
): BandwidthSegment[] {
  // Where the next line takes over: at equal times.
  const changes = lines.slice(1).map((next, i) => {
    const { fixedMs, byteMs } = lines[i];
    return (next.byteMs - byteMs) / (fixedMs - next.fixedMs);
  });
  return lines.map(({ sides, fixedMs, byteMs }, i) => {
    const fromFactor = i === 0 ? from : changes[i - 1];
    const toFactor = i === lines.length - 1 ? to : changes[i];
    const cost = atBandwidth(two, sides, 1 / fromFactor);
    return { fromFactor, toFactor, split: describe(two, sides, cost, cost.totalMs), fixedMs, byteMs };
  });
}
