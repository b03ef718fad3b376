import { bands, type Timeline } from '../../planner-core/simulator/timeline';
import type { TensorLives } from '../../planner-core/simulator/tensorLives';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import type { Run } from './painter';

/** Tensors drawn one by one; the rest of a band lies on top of them, as one area. */
const drawnCount = 400;

/** The tensors of a timeline, stacked within their bands: large ones first, each group in the order of making. */
export interface TensorStack {
  readonly lives: TensorLives;
  readonly timeline: Timeline;
  /** By stay. */
  readonly bytes: Float64Array;
  /** Stays from the bottom of a band to its top, by band. */
  readonly order: readonly Int32Array[];
  /** By band: how many of `order` are drawn one by one. */
  readonly drawn: readonly number[];
}

/** What an activation is made for ends in reverse order: stacked as they were made, tensors keep their height. */
export function tensorStack(step: StepGraph, timeline: Timeline, lives: TensorLives): TensorStack {
  const bytes = Float64Array.from(lives.value, (value) => step.valueBytes[value]);
  const isDrawn = largest(bytes, drawnCount);
  const stacks = bands.map(() => ({ drawn: [] as number[], others: [] as number[] }));
  for (let life = 0; life < lives.count; life++) {
    if (bytes[life] === 0) continue;
    const stack = stacks[lives.band[life]];
    if (isDrawn[life]) stack.drawn.push(life);
    else stack.others.push(life);
  }
  return {
    ...{ lives, timeline, bytes },
    order: stacks.map(({ drawn, others }) => Int32Array.from([...drawn, ...others])),
    drawn: stacks.map(({ drawn }) => drawn.length),
  };
}

/** Marks the `count` largest, of equals the first. Numbers sorted as such take a tenth of the time of a comparison each. */
function largest(bytes: Float64Array, count: number): Uint8Array {
  const least = bytes.length > count ? bytes.slice().sort()[bytes.length - count] : 0;
  let room = count;
  for (const size of bytes) if (size > least) room--;
  return Uint8Array.from(bytes, (size) => Number(size > least || (size === least && room-- > 0)));
}

const isThere = ({ from, to }: TensorLives, life: number, sample: number): boolean =>
  from[life] <= sample && sample <= to[life];

/** The tensor at a height above zero at a sample; -1 above all and in the workspace of what runs. O(stays of a band). */
export function tensorAt(stack: TensorStack, sample: number, heightBytes: number): number {
  const { lives, timeline, order, bytes } = stack;
  let below = 0;
  for (let band = 0; band < bands.length; band++) {
    const bandBytes = timeline.bandBytes[bands[band]][sample];
    if (heightBytes >= below + bandBytes) {
      below += bandBytes;
      continue;
    }
    for (const life of order[band]) {
      if (!isThere(lives, life, sample)) continue;
      below += bytes[life];
      if (heightBytes < below) return life;
    }
    return -1;
  }
  return -1;
}

/** Tensors in memory at a sample, from the bottom to the top of the picture. */
export function tensorsThere({ lives, order }: TensorStack, sample: number): number[] {
  return order.flatMap((stack) => [...stack].filter((life) => isThere(lives, life, sample)));
}

/** A tensor's lower edge in each run of pixels that shows it. */
export interface Outline {
  readonly runs: readonly Run[];
  readonly lowerBytes: Float64Array;
  readonly bytes: number;
}

/** Where one tensor lies in the picture. O(runs + stays of its band * log runs): a pointer asks for it in every frame. */
export function outlineOf(stack: TensorStack, life: number, row: readonly Run[]): Outline {
  const { lives, order, bytes } = stack;
  const runs = runsWithin(row, lives.from[life], lives.to[life]);
  const lowerBytes = bandFloor(stack, lives.band[life], runs);
  // What each run has more below the tensor than the run before it.
  const steps = new Float64Array(runs.length + 1);
  for (const other of order[lives.band[life]]) {
    if (other === life) break;
    const [first, end] = rangeWithin(runs, lives.from[other], lives.to[other]);
    steps[first] += bytes[other];
    steps[end] -= bytes[other];
  }
  let below = 0;
  for (let i = 0; i < runs.length; i++) {
    below += steps[i];
    lowerBytes[i] += below;
  }
  return { runs, lowerBytes, bytes: bytes[life] };
}

/** Upper edges of the tensors that are drawn one by one, from bottom to top. O(drawn tensors * runs). */
export function* drawnEdges(
  stack: TensorStack,
  row: readonly Run[],
): Generator<{ readonly runs: readonly Run[]; readonly upperBytes: Float64Array; readonly bytes: number }> {
  for (let band = 0; band < bands.length; band++) {
    const heights = bandFloor(stack, band, row);
    for (const life of stack.order[band].subarray(0, stack.drawn[band])) {
      const [first, end] = rangeWithin(row, stack.lives.from[life], stack.lives.to[life]);
      for (let i = first; i < end; i++) heights[i] += stack.bytes[life];
      if (first < end) {
        yield {
          runs: row.slice(first, end),
          upperBytes: heights.subarray(first, end),
          bytes: stack.bytes[life],
        };
      }
    }
  }
}

function bandFloor({ timeline }: TensorStack, band: number, row: readonly Run[]): Float64Array {
  const floor = new Float64Array(row.length);
  for (let below = 0; below < band; below++) {
    const column = timeline.bandBytes[bands[below]];
    for (let i = 0; i < row.length; i++) floor[i] += column[row[i].sample];
  }
  return floor;
}

const runsWithin = (row: readonly Run[], from: number, to: number): Run[] =>
  row.slice(...rangeWithin(row, from, to));

/** Runs whose sample lies within [from, to]: samples ascend from run to run. */
function rangeWithin(row: readonly Run[], from: number, to: number): [first: number, end: number] {
  return [firstFrom(row, from), firstFrom(row, to + 1)];
}

function firstFrom(row: readonly Run[], sample: number): number {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (row[middle].sample < sample) low = middle + 1;
    else high = middle;
  }
  return low;
}
