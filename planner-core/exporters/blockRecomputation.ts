import { mergeRecomputations, RegionCompiler } from '../plan/compileRegions';
import { regionRecomputation, usersByValue } from '../plan/regionRecomputation';
import { Phase, type NodeId } from '../step/stepGraph';
import type { ExportContext } from './exportContext';

/** Recomputations of engines that know blocks only. */
export class BlockRecomputation {
  private readonly users;
  private readonly compiler;
  /** Nodes of the forward and of the backward pass of each block. */
  readonly forward: readonly (readonly NodeId[])[];
  private readonly backward: readonly (readonly NodeId[])[];

  constructor(private readonly context: ExportContext) {
    const { step, layers } = context;
    this.users = usersByValue(step);
    this.compiler = new RegionCompiler(step, layers);
    this.forward = layers.blocks.map((id) => layers.layers[id].forwardNodes);
    const blockOf = new Map(layers.blocks.map((id, at) => [id, at]));
    const backward: NodeId[][] = layers.blocks.map(() => []);
    for (let node = 0; node < step.nodeCount; node++) {
      const block = blockOf.get(layers.regionOfNode[node]);
      if (block !== undefined && step.nodePhase[node] === Phase.backward) backward[block].push(node);
    }
    this.backward = backward;
  }

  /** Chunks of consecutive blocks, [first, end), each of them one checkpoint. */
  chunks(ranges: readonly (readonly [number, number])[]): Int32Array {
    const parts = ranges.flatMap(([first, end]) => {
      const nodes = this.forward.slice(first, end).flat();
      const backward = this.backward.slice(first, end).flat();
      const ascending = (a: number, b: number): number => a - b;
      const part = regionRecomputation(
        this.context.step,
        this.users,
        nodes.sort(ascending),
        backward.sort(ascending),
        'all',
      );
      return part ? [part] : [];
    });
    return mergeRecomputations(parts);
  }

  /** Single operators, each with its block. */
  operators(again: Uint8Array): Int32Array {
    return this.compiler.compile([], again);
  }
}
