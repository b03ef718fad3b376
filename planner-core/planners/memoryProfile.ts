import type { Rows, StepGraph, ValueId } from '../step/stepGraph';

/**
 * Memory and time of a sequence of computations on one device, without offloading: to the byte what compiling and
 * simulating the schedule gives (tested), but an order of magnitude faster, because planners ask thousands of times.
 * Arrays are reused: results are valid until the next call.
 */
export class MemoryProfile {
  /** The sequence of the last run. */
  nodes: Int32Array = new Int32Array(0);
  length = 0;
  /** Bytes live while the computation at each position runs, workspace included. */
  liveBytes = new Float64Array(0);
  peakBytes = 0;
  /** First position at which the peak is reached; -1 when nothing exceeds what is there before the step. */
  peakPosition = -1;
  stepTimeMs = 0;

  private delta = new Float64Array(0);
  private sequence = new Int32Array(0);
  private readonly lastUse: Int32Array;
  /** Position of the first computation of a value that outlives the step. */
  private readonly firstMade: Int32Array;
  /** By node: results that end before the step does; what it reads or updates of such; results that stay. */
  private readonly made: Rows;
  private readonly used: Rows;
  private readonly lasting: Rows;
  private readonly lastingValues: readonly ValueId[];
  /** Values there from the start that end before the step does, and the bytes of all that are there from the start. */
  private readonly startingValues: readonly ValueId[];
  private readonly startBytes: number;

  constructor(private readonly step: StepGraph) {
    const { residentAtStart, residentAtEnd, valueBytes } = step;
    this.lastUse = new Int32Array(step.valueCount);
    this.firstMade = new Int32Array(step.valueCount);
    const ends = (value: ValueId): boolean => !residentAtEnd[value];
    this.made = rowsOf(step, [step.outputs], ends);
    this.used = rowsOf(step, [step.inputs, step.updates], ends);
    this.lasting = rowsOf(step, [step.outputs], (value) => !ends(value) && !residentAtStart[value]);
    this.lastingValues = [...new Set(this.lasting.items)];
    const values = Array.from({ length: step.valueCount }, (_, value) => value);
    this.startingValues = values.filter((value) => residentAtStart[value] && ends(value));
    this.startBytes = values.reduce(
      (sum, value) => sum + (residentAtStart[value] ? valueBytes[value] : 0),
      0,
    );
  }

  /** Profiles the step with [before, node] pairs computed again. */
  ofRecomputations(recomputations: Int32Array): this {
    const { nodeCount } = this.step;
    const extra = recomputations.length / 2;
    const length = nodeCount + extra;
    if (this.sequence.length < length) this.sequence = new Int32Array(2 * length);
    let at = 0;
    let next = 0;
    for (let node = 0; node < nodeCount; node++) {
      for (; next < extra && recomputations[2 * next] === node; next++)
        this.sequence[at++] = recomputations[2 * next + 1];
      this.sequence[at++] = node;
    }
    return this.ofSequence(this.sequence, length);
  }

  /** Profiles `nodes[0 .. length)`. A use reads the latest earlier computation. */
  ofSequence(nodes: Int32Array, length: number): this {
    this.nodes = nodes;
    this.length = length;
    if (this.liveBytes.length < length) {
      this.liveBytes = new Float64Array(2 * length);
      this.delta = new Float64Array(2 * length + 1);
    }
    this.delta.fill(0, 0, length + 1);
    this.spreadLifetimes(nodes, length);
    this.addLasting(nodes, length);
    this.accumulate(nodes, length);
    return this;
  }

  /** Fills `delta` with the changes of live bytes due to values that end before the step does. */
  private spreadLifetimes(nodes: Int32Array, length: number): void {
    const { delta, lastUse, made, used } = this;
    const { valueBytes } = this.step;
    lastUse.fill(-1);
    for (let position = length - 1; position >= 0; position--) {
      const node = nodes[position];
      for (let i = made.offsets[node]; i < made.offsets[node + 1]; i++) {
        const value = made.items[i];
        const end = lastUse[value] > position ? lastUse[value] : position;
        delta[position] += valueBytes[value];
        delta[end + 1] -= valueBytes[value];
        lastUse[value] = -1;
      }
      for (let i = used.offsets[node]; i < used.offsets[node + 1]; i++) {
        if (lastUse[used.items[i]] < 0) lastUse[used.items[i]] = position;
      }
    }
    for (const value of this.startingValues)
      if (lastUse[value] >= 0) delta[lastUse[value] + 1] -= valueBytes[value];
  }

  /** Adds the values that stay from their first computation on. */
  private addLasting(nodes: Int32Array, length: number): void {
    const { lasting, firstMade, delta } = this;
    if (lasting.items.length === 0) return;
    firstMade.fill(-1);
    for (let position = length - 1; position >= 0; position--) {
      const node = nodes[position];
      for (let i = lasting.offsets[node]; i < lasting.offsets[node + 1]; i++)
        firstMade[lasting.items[i]] = position;
    }
    for (const value of this.lastingValues) delta[firstMade[value]] += this.step.valueBytes[value];
  }

  private accumulate(nodes: Int32Array, length: number): void {
    const { workspaceBytes, durationMs } = this.step;
    let live = this.startBytes;
    let peak = live;
    let peakPosition = -1;
    let timeMs = 0;
    for (let position = 0; position < length; position++) {
      live += this.delta[position];
      const now = live + workspaceBytes[nodes[position]];
      this.liveBytes[position] = now;
      timeMs += durationMs[nodes[position]];
      if (now > peak || (peakPosition < 0 && now === peak)) {
        peak = now;
        peakPosition = position;
      }
    }
    this.peakBytes = peak;
    this.peakPosition = peakPosition;
    this.stepTimeMs = timeMs;
  }
}

/** By node, the values of some tables that are wanted. */
export function rowsOf(
  step: StepGraph,
  tables: readonly Rows[],
  isWanted: (value: ValueId) => boolean,
): Rows {
  const offsets = new Int32Array(step.nodeCount + 1);
  const items: ValueId[] = [];
  for (let node = 0; node < step.nodeCount; node++) {
    for (const rows of tables)
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++)
        if (isWanted(rows.items[i])) items.push(rows.items[i]);
    offsets[node + 1] = items.length;
  }
  return { offsets, items: Int32Array.from(items) };
}
