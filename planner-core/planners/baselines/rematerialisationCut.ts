import { Phase, type NodeId, type ValueId } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import { FlowNetwork, unlimited } from './minimumCut';
import { recomputeOnce } from './recomputeOnce';

/** What is handed to the backward pass. */
export interface SavedResults {
  /** By node: 1 where the results are kept for backward. */
  readonly saved: Uint8Array;
  /** Bytes of activations kept, without parameters and inputs. */
  readonly savedBytes: number;
}

/**
 * The least bytes to keep between the forward and the backward pass, as a minimum cut: whoever needs a result that is
 * not kept computes it again, and needs what it was made from. After PyTorch's `solve_min_cut`, with plain bytes as
 * capacities.
 */
export class RematerialisationCut {
  /** Forward nodes whose results backward needs, directly or to compute others again. */
  readonly needed: readonly NodeId[];
  private readonly isNeeded: Uint8Array;

  constructor(private readonly context: PlanningContext) {
    const { step } = context;
    this.isNeeded = new Uint8Array(step.nodeCount);
    const again = recomputeOnce(context, new Uint8Array(step.nodeCount));
    for (let i = 1; i < again.length; i += 2) this.isNeeded[again[i]] = 1;
    this.needed = [...this.isNeeded.keys()].filter((node) => this.isNeeded[node]);
  }

  nodes(test: (node: NodeId) => boolean): Uint8Array {
    const flags = new Uint8Array(this.context.step.nodeCount);
    for (const node of this.needed) flags[node] = Number(test(node));
    return flags;
  }

  /** Bytes of a node's results that would have to be kept. */
  bytesOf(node: NodeId): number {
    const { outputs, valueBytes, residentAtEnd } = this.context.step;
    let bytes = 0;
    for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++)
      if (!residentAtEnd[outputs.items[i]]) bytes += valueBytes[outputs.items[i]];
    return bytes;
  }

  /** The least bytes to keep when `banned` nodes may not run again. */
  saves(banned: Uint8Array): SavedResults {
    const { step } = this.context;
    // Two vertices a value: the cut between them is to keep it.
    const source = 2 * step.valueCount;
    const sink = source + 1;
    const network = new FlowNetwork(sink + 1);
    const isOnWay = (value: ValueId): boolean => {
      const producer = step.producer[value];
      return producer >= 0 && this.isNeeded[producer] === 1 && !step.residentAtEnd[value];
    };
    for (const node of this.needed)
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
        const value = step.outputs.items[i];
        if (!isOnWay(value)) continue;
        network.edge(2 * value, 2 * value + 1, Math.ceil(step.valueBytes[value]));
        if (banned[node]) network.edge(source, 2 * value, unlimited);
      }
    for (let node = 0; node < step.nodeCount; node++) {
      const isBackward = step.nodePhase[node] === Phase.backward;
      if (!isBackward && !this.isNeeded[node]) continue;
      for (const rows of [step.inputs, step.updates])
        for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
          const value = rows.items[i];
          if (!isOnWay(value)) continue;
          if (isBackward) network.edge(2 * value + 1, sink, unlimited);
          else
            for (let o = step.outputs.offsets[node]; o < step.outputs.offsets[node + 1]; o++)
              if (isOnWay(step.outputs.items[o]))
                network.edge(2 * value + 1, 2 * step.outputs.items[o], unlimited);
        }
    }
    const isSinkSide = network.sinkSide(source, sink);
    const saved = new Uint8Array(step.nodeCount);
    let savedBytes = 0;
    for (const node of this.needed)
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
        const value = step.outputs.items[i];
        if (!isOnWay(value) || isSinkSide[2 * value] || !isSinkSide[2 * value + 1]) continue;
        saved[node] = 1;
        savedBytes += step.valueBytes[value];
      }
    return { saved, savedBytes };
  }
}
