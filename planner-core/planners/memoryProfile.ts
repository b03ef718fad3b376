import type { StepGraph } from '../step/stepGraph';
import type { Directives } from '../simulator/schedule';
import { sequenceOf } from '../simulator/sequence';

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
  private readonly lastUse: Int32Array;
  /** Position of the first computation of a value that outlives the step. */
  private readonly firstMade: Int32Array;

  constructor(private readonly step: StepGraph) {
    this.lastUse = new Int32Array(step.valueCount);
    this.firstMade = new Int32Array(step.valueCount);
  }

  /** Profiles the step with the given recomputations. */
  ofDirectives(directives: Directives): this {
    const { nodes } = sequenceOf(this.step, directives);
    return this.ofSequence(nodes, nodes.length);
  }

  /** Profiles `nodes[0 .. length)`. A use reads the latest earlier computation. */
  ofSequence(nodes: Int32Array, length: number): this {
    this.nodes = nodes;
    this.length = length;
    if (this.liveBytes.length < length) {
      this.liveBytes = new Float64Array(2 * length);
      this.delta = new Float64Array(2 * length + 1);
    }
    this.accumulate(nodes, length, this.spreadLifetimes(nodes, length));
    return this;
  }

  /** Fills `delta` with the change of live bytes at each position; returns what is live before the first. */
  private spreadLifetimes(nodes: Int32Array, length: number): number {
    const { step, delta, lastUse, firstMade } = this;
    const { inputs, outputs, updates, valueBytes, residentAtEnd, residentAtStart } = step;
    delta.fill(0, 0, length + 1);
    lastUse.fill(-1);
    firstMade.fill(-1);
    for (let position = length - 1; position >= 0; position--) {
      const node = nodes[position];
      for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++) {
        const value = outputs.items[i];
        if (residentAtEnd[value]) firstMade[value] = position;
        else {
          const end = lastUse[value] > position ? lastUse[value] : position;
          delta[position] += valueBytes[value];
          delta[end + 1] -= valueBytes[value];
          lastUse[value] = -1;
        }
      }
      for (let i = updates.offsets[node]; i < updates.offsets[node + 1]; i++) {
        if (lastUse[updates.items[i]] < 0) lastUse[updates.items[i]] = position;
      }
      for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++) {
        if (lastUse[inputs.items[i]] < 0) lastUse[inputs.items[i]] = position;
      }
    }
    let atStart = 0;
    for (let value = 0; value < step.valueCount; value++) {
      if (residentAtStart[value]) {
        atStart += valueBytes[value];
        if (!residentAtEnd[value] && lastUse[value] >= 0) delta[lastUse[value] + 1] -= valueBytes[value];
      } else if (firstMade[value] >= 0) delta[firstMade[value]] += valueBytes[value];
    }
    return atStart;
  }

  private accumulate(nodes: Int32Array, length: number, atStart: number): void {
    const { workspaceBytes, durationMs } = this.step;
    let live = atStart;
    let peak = atStart;
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
