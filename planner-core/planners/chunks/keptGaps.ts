import { appendTo } from '../../base/groups';
/** Computations in which one chunk is used, by position of the device's sequence. */
export interface ChunkUses {
  readonly value: number;
  /** Ascending. */
  readonly positions: readonly number[];
  /** Its first use makes it: it need not come before. */
  readonly isMade: boolean;
  /** It may stay on the device from one step to the next. */
  readonly mayStay: boolean;
}

/** A time in which a chunk has room on the device without a break: from one position to another, both included. */
export interface Stay {
  readonly value: number;
  /** Where its transfer runs, for what comes back: the position before its first use. -1: it is there from the start. */
  readonly from: number;
  /** Its last use; the length of the sequence: it stays into the next step. */
  readonly to: number;
  readonly firstUse: number;
  /** It comes from the host. */
  readonly comesBack: boolean;
}

/** A gap in which a chunk is not used, while it could stay. */
interface Gap {
  readonly chunk: number;
  readonly from: number;
  readonly to: number;
  /** The order in which they end: a gap that goes over the end of the step ends in the next one. */
  readonly nextUse: number;
  readonly isHead: boolean;
}

/**
 * Which chunks stay on the device between two uses, as Belady's rule has it: where room is short, the one whose next use is
 * furthest goes. With chunks of one size that leaves the fewest transfers back. A chunk takes its room while the computation
 * before its use runs, so that it can come beside it. Undefined where even the chunks in use do not fit.
 * `freeBytes`: by position, what is left beside all that is no chunk.
 */
export function staysOf(
  uses: readonly ChunkUses[],
  freeBytes: Float64Array,
  chunkBytes: number,
): readonly Stay[] | undefined {
  const { length } = freeBytes;
  const places = freeBytes.map((bytes) => Math.floor(bytes / chunkBytes));
  const needed = uses.map((chunk) => neededOf(chunk));
  const taken = new Int32Array(length);
  for (const segments of needed)
    for (const { from, to } of segments)
      for (let position = from; position <= to; position++) taken[position]++;
  if (taken.some((count, position) => count > places[position])) return undefined;
  const gaps = uses.map((chunk, i) => gapsOf(chunk, i, needed[i], length));
  // What begins on the device has to end there: where it cannot, it does not begin there either.
  const comesFromHost = new Set<number>();
  for (;;) {
    const kept = keptGaps(gaps.flat(), taken, places, comesFromHost);
    const torn = gaps.flatMap((own, chunk) => {
      const ends = own.filter((gap) => isAtEnds(gap, length));
      return ends.some((gap) => kept.has(gap)) && !ends.every((gap) => kept.has(gap)) ? [chunk] : [];
    });
    if (torn.length === 0)
      return uses.flatMap((chunk, i) => staysOfChunk(chunk, needed[i], gaps[i], kept, length));
    for (const chunk of torn) comesFromHost.add(chunk);
  }
}

const isAtEnds = (gap: Gap, length: number): boolean => gap.isHead || gap.nextUse >= length;

interface Segment {
  from: number;
  to: number;
}

/** Where a chunk has to be there: at its uses, and at the position before, unless it is made there. */
function neededOf({ positions, isMade }: ChunkUses): Segment[] {
  const segments: Segment[] = [];
  positions.forEach((position, i) => {
    const from = isMade && i === 0 ? position : Math.max(0, position - 1);
    const last = segments.at(-1);
    if (last && from <= last.to + 1) last.to = position;
    else segments.push({ from, to: position });
  });
  return segments;
}

/** Between its segments; a chunk that may stay has one gap before the first and one after the last, even where empty. */
function gapsOf(
  { positions, mayStay }: ChunkUses,
  chunk: number,
  segments: readonly Segment[],
  length: number,
): Gap[] {
  const between = segments.slice(1).map(({ from }, i): Gap => {
    const next = positions.find((position) => position >= from)!;
    return { chunk, from: segments[i].to + 1, to: from - 1, nextUse: next, isHead: false };
  });
  if (!mayStay) return between;
  const [first, last] = [segments[0], segments[segments.length - 1]];
  return [
    { chunk, from: 0, to: first.from - 1, nextUse: positions[0], isHead: true },
    ...between,
    { chunk, from: last.to + 1, to: length - 1, nextUse: length + positions[0], isHead: false },
  ];
}

function keptGaps(
  gaps: readonly Gap[],
  needed: Int32Array,
  places: Float64Array,
  comesFromHost: ReadonlySet<number>,
): Set<Gap> {
  const { length } = needed;
  const allowed = gaps.filter((gap) => !(comesFromHost.has(gap.chunk) && isAtEnds(gap, length)));
  const beginning = new Map<number, Gap[]>();
  const kept = new Set<Gap>();
  for (const gap of allowed) {
    if (gap.from > gap.to) kept.add(gap);
    else appendTo(beginning, gap.from, gap);
  }
  let open: Gap[] = [];
  for (let position = 0; position < length; position++) {
    open = open.filter(({ to }) => to >= position);
    for (const gap of beginning.get(position) ?? []) {
      open.push(gap);
      kept.add(gap);
    }
    while (needed[position] + open.length > places[position]) {
      const furthest = open.reduce((a, b) => (b.nextUse > a.nextUse ? b : a));
      kept.delete(furthest);
      open.splice(open.indexOf(furthest), 1);
    }
  }
  return kept;
}

function staysOfChunk(
  { value, positions, isMade }: ChunkUses,
  segments: readonly Segment[],
  gaps: readonly Gap[],
  kept: ReadonlySet<Gap>,
  length: number,
): Stay[] {
  const isThere = gaps.some((gap) => gap.isHead && kept.has(gap));
  const stays: { value: number; from: number; to: number; firstUse: number; comesBack: boolean }[] = [];
  segments.forEach(({ from, to }, i) => {
    const joins = gaps.some(
      (gap) => kept.has(gap) && !gap.isHead && gap.to === from - 1 && gap.from === segments[i - 1]?.to + 1,
    );
    if (joins) stays[stays.length - 1].to = to;
    else {
      const firstUse = positions.find((position) => position >= from)!;
      const isFirst = i === 0;
      const comesBack = !(isFirst && (isMade || isThere));
      stays.push({ value, from: isFirst && isThere ? -1 : from, to, firstUse, comesBack });
    }
  });
  if (isThere) stays[stays.length - 1].to = length;
  return stays;
}
