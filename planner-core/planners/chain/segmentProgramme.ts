import type { NodeId } from '../../step/stepGraph';
import { combined, undominated, type Choice, type Staircase } from './budgetProgramme';

/** An option of a link, in absolute numbers for its place in the chain. */
export interface LinkOption {
  /** Highest memory over the forward nodes beyond what is outside of the cut-out. */
  readonly forwardPeakBytes: number;
  /** Budget its backward nodes need when all links before keep everything. */
  readonly backwardNeedBytes: number;
  readonly savedBytes: number;
  readonly addedMs: number;
  /** Its recomputations need nothing that the link's own forward pass made. */
  readonly isSelfSufficient: boolean;
  /** [before, node] pairs of the whole step. */
  readonly recomputations: Int32Array;
}

/** What running several links again as one needs to know of each of them. */
export interface SegmentLink {
  /** The next link has the same options, at the same cost; its surroundings differ as theirs do. */
  readonly isLikeNext: boolean;
  readonly options: readonly LinkOption[];
  /** Can a segment go on from this link to the next one, and may this link run again as a whole? */
  readonly joinsNext: boolean;
  readonly isMovable: boolean;
  /** Memory beyond the cut-out while it runs for the first time, and during its backward pass. */
  readonly outsideForwardBytes: number;
  readonly outsideBackwardBytes: number;
  /** Held between forward and backward when everything is kept; when all is dropped: of what enters, of what leaves. */
  readonly keptBytes: number;
  readonly heldInputBytes: number;
  readonly heldOutputBytes: number;
  /** Gradients that its backward pass is given. */
  readonly gradientBytes: number;
  /** Highest memory of a forward pass that keeps nothing. */
  readonly passingPeakBytes: number;
  /** Nodes of a forward pass that keeps nothing, and of one that keeps everything. */
  readonly passingNodes: readonly NodeId[];
  readonly allNodes: readonly NodeId[];
  readonly passingMs: number;
  readonly allMs: number;
  /** The backward node before which the link is run again. */
  readonly before: NodeId;
}

/** Several links dropped as one in the first forward pass; each need has its own way to run them again. */
export interface Segment extends Choice {
  readonly first: number;
}

/** Longest segment: longer ones only pay where next to nothing is left, and are built of these. */
const maxLinks = 32;
/** Ways to run a segment again, and options of a link in it, that are kept. */
const maxWays = 48;
const maxOptions = 24;

/** A step of running a segment again: its first link with an option, or several links as a segment within. */
interface InnerChoice extends Choice {
  /** Index of the option. */
  readonly option?: number;
}

/**
 * Segments of a chain that are dropped and run again from their first input, once or, segments within them, several
 * times: F_all, F_ck and F_none of "Optimal checkpointing for heterogeneous chains: how to train deep neural networks
 * with limited memory" (Beaumont, Eyraud-Dubois, Herrmann, Joly, Shilova 2019), with a choice of options for F_all as in
 * Rockmate. For all budgets at once: a staircase for each segment. Where all links of a segment are like the next ones,
 * it costs what the segment one link later costs, shifted by what is there before: O(length^2) for a chain of like links.
 */
export class SegmentProgramme {
  /** By first link, then by length less one. */
  private readonly again: Staircase[][] = [];
  private readonly choices: (readonly InnerChoice[])[][] = [];
  /** By link: options, by index, for the last link of a segment and for the others. */
  private readonly last: (readonly number[])[] = [];
  private readonly inner: (readonly number[])[] = [];

  /** Needs up to `floorBytes` count alike. */
  constructor(
    private readonly links: readonly SegmentLink[],
    private readonly floorBytes: number,
  ) {
    for (let first = links.length - 1; first >= 0; first--) {
      const { options, isLikeNext, isMovable } = links[first];
      const all = options.map((_, index) => index);
      this.inner[first] = isLikeNext
        ? this.inner[first + 1]
        : spread(this.beneficial(first, all), maxOptions);
      this.last[first] = isLikeNext
        ? this.last[first + 1]
        : this.beneficial(
            first,
            all.filter((index) => options[index].isSelfSufficient),
          );
      this.again[first] = [];
      this.choices[first] = [];
      if (this.last[first].length === 0 || !isMovable) continue;
      let isLike = true;
      for (let last = first; this.reaches(first, last); last++) {
        isLike &&= links[last].isLikeNext && this.again[first + 1].length > last - first;
        if (isLike) this.shift(first, last - first);
        else this.add(first, last);
      }
    }
  }

  /** The segments that begin with a link, for the first forward pass. */
  startingAt(first: number): Segment[] {
    const { links } = this;
    let droppedBytes = 0;
    let passing = 0;
    return this.again[first].map((stairs, index): Segment => {
      const last = first + index;
      const { outsideForwardBytes, passingPeakBytes, keptBytes } = links[last];
      const held = index > 0 ? links[first].heldInputBytes : 0;
      passing = Math.max(passing, outsideForwardBytes - droppedBytes + held + passingPeakBytes);
      droppedBytes += keptBytes;
      return {
        first,
        links: index + 1,
        savedBytes: this.savedBytes(first, last),
        needBytes: stairs.needBytes.map((need) => Math.max(need, passing)),
        addedMs: stairs.addedMs,
      };
    });
  }

  /** [before, node] pairs of a segment, in the order in which those before the same node run. */
  recomputations({ first, links }: Segment, level: number): number[] {
    const pairs: number[] = [];
    this.emit(first, first + links - 1, level, pairs);
    return pairs;
  }

  private reaches(first: number, last: number): boolean {
    if (last >= this.links.length || last - first >= maxLinks) return false;
    return last === first || (this.links[last - 1].joinsNext && this.again[first + 1].length >= last - first);
  }

  /** Those of the options that no other one beats. */
  private beneficial(link: number, options: readonly number[]): number[] {
    const choices = options.map((option) => {
      const { backwardNeedBytes, savedBytes, addedMs } = this.links[link].options[option];
      return {
        links: 1,
        savedBytes,
        needBytes: Float64Array.of(backwardNeedBytes),
        addedMs: Float64Array.of(addedMs),
        option,
      };
    });
    return undominated(choices, this.floorBytes).map(({ option }) => option);
  }

  /** A segment of links that are like the next ones. */
  private shift(first: number, index: number): void {
    const { links } = this;
    const bytes = links[first].outsideBackwardBytes - links[first + 1].outsideBackwardBytes;
    const later = this.again[first + 1][index];
    this.again[first].push({ ...later, needBytes: later.needBytes.map((need) => need + bytes) });
    this.choices[first].push(this.choices[first + 1][index]);
  }

  private savedBytes(first: number, last: number): number {
    let saved = -this.links[first].heldInputBytes - this.links[last].heldOutputBytes;
    for (let at = first; at <= last; at++) saved += this.links[at].keptBytes;
    return saved;
  }

  /** The ways to run the links from `first` to `last` again, before the backward pass of the last one, and backwards. */
  private add(first: number, last: number): void {
    const { links } = this;
    if (first === last) {
      this.choices[first].push(
        this.last[first].map((option): InnerChoice => {
          const { backwardNeedBytes, savedBytes, addedMs } = links[first].options[option];
          return {
            links: 1,
            savedBytes,
            needBytes: Float64Array.of(backwardNeedBytes),
            addedMs: Float64Array.of(addedMs),
            option,
          };
        }),
      );
      const end = (): Staircase => nothingMore;
      this.again[first].push(combined(this.choices[first][0], end, 0, maxWays));
      return;
    }
    // Outside of the segment, at the moment it runs again.
    let around = links[last].outsideBackwardBytes + links[last].gradientBytes;
    for (let at = first; at < last; at++) around -= links[at].keptBytes;
    const choices = this.inner[first].map((option): InnerChoice => {
      const { backwardNeedBytes, forwardPeakBytes, savedBytes, addedMs } = links[first].options[option];
      const needBytes = Float64Array.of(Math.max(backwardNeedBytes, around + forwardPeakBytes));
      return {
        links: 1,
        savedBytes,
        needBytes,
        addedMs: Float64Array.of(addedMs + links[first].allMs),
        option,
      };
    });
    let passing = 0;
    let passingMs = 0;
    for (let end = first; end < last; end++) {
      const held = end > first ? links[first].heldInputBytes : 0;
      passing = Math.max(passing, around + held + links[end].passingPeakBytes);
      passingMs += links[end].passingMs;
      const stairs = this.again[first][end - first];
      choices.push({
        links: end - first + 1,
        savedBytes: this.savedBytes(first, end),
        needBytes: stairs.needBytes.map((need) => Math.max(need, passing)),
        addedMs: stairs.addedMs.map((ms) => ms + passingMs),
      });
    }
    this.choices[first].push(choices);
    const after = (count: number): Staircase => this.again[first + count][last - first - count];
    this.again[first].push(combined(choices, after, 0, maxWays));
  }

  private emit(first: number, last: number, way: number, pairs: number[]): void {
    const { links } = this;
    const stairs = this.again[first][last - first];
    const choice = this.choices[first][last - first][stairs.choice[way]];
    if (first === last) {
      pairs.push(...links[first].options[choice.option!].recomputations);
      return;
    }
    const run = (nodes: readonly NodeId[]): void => {
      for (const node of nodes) pairs.push(links[last].before, node);
    };
    if (choice.option !== undefined) {
      run(links[first].allNodes);
      pairs.push(...links[first].options[choice.option].recomputations);
      this.emit(first + 1, last, stairs.next[way], pairs);
      return;
    }
    const next = first + choice.links;
    for (let at = first; at < next; at++) run(links[at].passingNodes);
    this.emit(next, last, stairs.next[way], pairs);
    this.emit(first, next - 1, stairs.level[way], pairs);
  }
}

const nothingMore: Staircase = {
  needBytes: Float64Array.of(0),
  addedMs: Float64Array.of(0),
  choice: Int32Array.of(-1),
  level: Int32Array.of(0),
  next: Int32Array.of(-1),
};

function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]);
}
