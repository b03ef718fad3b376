import type { NodeId } from '../../step/stepGraph';
import type { Evaluation } from '../context';
import type { BlockProblem } from './blockProblem';

/** Memory around the links of a chain while everything is kept. */
export interface Surroundings {
  /** By link: what the whole step holds beyond the link's cut-out, over its forward and over its backward nodes. */
  readonly forwardBytes: Float64Array;
  readonly backwardBytes: Float64Array;
  /**
   * By number of links before: the highest memory outside of all windows while exactly that many of the first links
   * hold what backward needs of them. The last entry has the head and the loss.
   */
  readonly betweenBytes: Float64Array;
}

/** Reads them off the memory of the whole step and of each cut-out, both keeping everything that no pin recomputes. */
export function surroundingsOf(
  nodeCount: number,
  whole: Evaluation,
  blocks: readonly BlockProblem[],
  liveInBlock: (block: BlockProblem) => Float64Array,
): Surroundings {
  const live = liveByNode(whole, nodeCount);
  const forwardBytes = new Float64Array(blocks.length);
  const backwardBytes = new Float64Array(blocks.length);
  blocks.forEach((block, at) => {
    const inBlock = liveInBlock(block);
    forwardBytes[at] = live[block.link.firstForward] - inBlock[0];
    backwardBytes[at] = live[block.link.firstBackward] - inBlock[block.cutOut.rest + 1];
  });
  const { linksBefore, isInside } = zonesOf(nodeCount, blocks);
  const betweenBytes = new Float64Array(blocks.length + 1);
  let next = 0;
  for (let position = 0; position < whole.length && next < nodeCount; position++) {
    // What runs again belongs to the node it precedes.
    if (!isInside[next]) {
      const before = linksBefore[next];
      betweenBytes[before] = Math.max(betweenBytes[before], whole.liveBytes[position]);
    }
    if (whole.nodes[position] === next) next++;
  }
  return { forwardBytes, backwardBytes, betweenBytes };
}

/** By node: memory while it runs for the first time. */
export function liveByNode({ nodes, length, liveBytes }: Evaluation, nodeCount: number): Float64Array {
  const live = new Float64Array(nodeCount);
  for (let position = length - 1; position >= 0; position--) live[nodes[position]] = liveBytes[position];
  return live;
}

/** By node: is it in the window of a link, and if not, how many links hold something then. */
function zonesOf(
  nodeCount: number,
  blocks: readonly BlockProblem[],
): { linksBefore: Int32Array; isInside: Uint8Array } {
  const linksBefore = new Int32Array(nodeCount);
  const isInside = new Uint8Array(nodeCount);
  const mark = (from: NodeId, to: NodeId, before: number): void => {
    linksBefore.fill(before, from, to);
  };
  let from = 0;
  blocks.forEach(({ link }, at) => {
    mark(from, link.firstForward, at);
    isInside.fill(1, link.firstForward, link.lastForward + 1);
    isInside.fill(1, link.firstBackward, link.lastBackward + 1);
    from = link.lastForward + 1;
  });
  for (let at = blocks.length; at >= 0; at--) {
    const to = at > 0 ? blocks[at - 1].link.firstBackward : nodeCount;
    mark(from, to, at);
    if (at > 0) from = blocks[at - 1].link.lastBackward + 1;
  }
  return { linksBefore, isInside };
}
