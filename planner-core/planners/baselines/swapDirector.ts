import { ValueKind, Phase, type NodeId, type StepGraph, type ValueId } from '../../step/stepGraph';

/**
 * Decides for a tensor that is to be released whether it is swapped out or computed again later, as DELTA's director
 * does (Tang et al. 2022): by which costs less, counting of a transfer what is not overlapped with computations. Out: what
 * of it is left when the memory is needed, had it begun after the last use, one transfer after the other. Back: nothing,
 * because tensors are prefetched. A tensor leaves once, between its uses in forward and in backward.
 */
export class SwapDirector {
  /** What was swapped out, in order, with the base node that needed its memory. */
  readonly swapped: { readonly value: ValueId; readonly before: NodeId }[] = [];
  private readonly isAway: Uint8Array;
  private readonly hasLeft: Uint8Array;
  /** By value: its uses in forward end with this node, and in backward begin with that; −1 where there is none. */
  private readonly lastForward: Int32Array;
  private readonly firstBackward: Int32Array;
  private channelMs = 0;

  constructor(private readonly step: StepGraph) {
    const { valueCount, nodeCount, nodePhase } = step;
    this.isAway = new Uint8Array(valueCount);
    this.hasLeft = new Uint8Array(valueCount);
    this.lastForward = new Int32Array(valueCount).fill(-1);
    this.firstBackward = new Int32Array(valueCount).fill(-1);
    for (let node = 0; node < nodeCount; node++) {
      for (const rows of [step.inputs, step.updates, step.outputs]) {
        for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
          const value = rows.items[i];
          if (nodePhase[node] < Phase.backward) this.lastForward[value] = node;
          else if (this.firstBackward[value] < 0) this.firstBackward[value] = node;
        }
      }
    }
  }

  /** Swaps a tensor out unless it cannot leave now or to compute it again costs less. */
  takes(value: ValueId, before: NodeId, clockMs: number, lastUseMs: number, recomputeMs: number): boolean {
    if (!this.mayLeave(value, before)) return false;
    const { step } = this;
    const link = step.devices.length;
    const outMs = step.linkLatencyMs[link] + step.valueBytes[value] / (step.linkBytesPerMs[link] || Infinity);
    const endMs = Math.max(this.channelMs, lastUseMs) + outMs;
    if (Math.max(0, endMs - clockMs) > recomputeMs) return false;
    this.channelMs = endMs;
    this.isAway[value] = 1;
    this.hasLeft[value] = 1;
    this.swapped.push({ value, before });
    return true;
  }

  /** Brings a tensor back if it is away: true when it was. */
  returns(value: ValueId): boolean {
    const wasAway = this.isAway[value] === 1;
    this.isAway[value] = 0;
    return wasAway;
  }

  private mayLeave(value: ValueId, before: NodeId): boolean {
    if (this.step.valueKind[value] !== ValueKind.activation || this.hasLeft[value]) return false;
    return (
      this.lastForward[value] >= 0 && this.lastForward[value] < before && before < this.firstBackward[value]
    );
  }
}
