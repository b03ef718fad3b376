import type { SplitAnswer, SplitSegment, SplitView } from '../../planner-core/session/machines/splitModel';

/** What the model takes at a bandwidth, and how it is cut there. */
export interface SplitPoint {
  readonly gbPerS: number;
  readonly totalMs: number;
  readonly split: SplitView;
  /** Absent where the split is the one for the link as it is, within the memory of both devices. */
  readonly segment?: SplitSegment;
}

/** From the slowest to the fastest bandwidth of the answer. */
export function bandwidthRange({ segments, gbPerS }: SplitAnswer): readonly [number, number] {
  const ends = segments.flatMap(({ fromGbPerS, toGbPerS }) => [fromGbPerS, toGbPerS]);
  return [Math.min(gbPerS, ...ends), Math.max(gbPerS, ...ends)];
}

/** Bandwidths at which another split takes over. */
export const breakpoints = ({ segments }: SplitAnswer): number[] =>
  segments.slice(1).map(({ fromGbPerS }) => fromGbPerS);

/** Time of a split at a bandwidth: what is sent takes time by the inverse of it, everything else is fixed. */
export function timeAt({ fromGbPerS, toGbPerS, slowMs, fastMs }: SplitSegment, gbPerS: number): number {
  const perInverse = (slowMs - fastMs) / (1 / fromGbPerS - 1 / toGbPerS);
  return Number.isFinite(perInverse) ? fastMs + perInverse * (1 / gbPerS - 1 / toGbPerS) : slowMs;
}

/** The best there is at a bandwidth; at the link's own the one that fits the devices' memory. */
export function splitAt({ segments, gbPerS: linkGbPerS, now }: SplitAnswer, gbPerS: number): SplitPoint {
  const segment = segments.findLast(({ fromGbPerS }) => fromGbPerS <= gbPerS) ?? segments.at(0);
  if (gbPerS === linkGbPerS || !segment) return { gbPerS, totalMs: now.totalMs, split: now };
  return { gbPerS, totalMs: timeAt(segment, gbPerS), split: segment.split, segment };
}

/** Corners of the lower envelope, by equal steps of the bandwidth's logarithm: it bends within a segment. */
export function envelope(answer: SplitAnswer, cornersOfDecade = 30): { gbPerS: number; totalMs: number }[] {
  return answer.segments.flatMap((segment) => {
    const { fromGbPerS, toGbPerS } = segment;
    const corners = Math.max(1, Math.ceil(cornersOfDecade * Math.log10(toGbPerS / fromGbPerS)));
    return Array.from({ length: corners + 1 }, (_, i) => {
      const gbPerS = fromGbPerS * (toGbPerS / fromGbPerS) ** (i / corners);
      return { gbPerS, totalMs: timeAt(segment, gbPerS) };
    });
  });
}
