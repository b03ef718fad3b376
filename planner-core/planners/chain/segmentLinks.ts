import type { NodeId } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import type { BlockOption } from './blockMenu';
import type { BlockProblem } from './blockProblem';
import type { Surroundings } from './chainModel';
import { wholeRecomputations, type CutOut } from './cutOut';
import type { LinkOption, SegmentLink } from './segmentProgramme';

/** What segments need to know of the links of a chain, read off their cut-outs and menus. */
export function segmentLinks(
  context: PlanningContext,
  blocks: readonly BlockProblem[],
  menus: readonly (readonly BlockOption[])[],
  around: Surroundings,
): SegmentLink[] {
  const links = blocks.map((block, at): SegmentLink => {
    const { step, rest } = block.cutOut;
    const { link } = block;
    const [keepAll] = menus[at];
    const outsideForwardBytes = around.forwardBytes[at];
    const outsideBackwardBytes = around.backwardBytes[at];
    const options = menus[at].map((option): LinkOption => ({
      forwardPeakBytes: option.forwardPeakBytes,
      backwardNeedBytes: outsideBackwardBytes + option.backwardPeakBytes,
      savedBytes: keepAll.restBytes - option.restBytes,
      addedMs: option.timeMs - keepAll.timeMs,
      isSelfSufficient: isSelfSufficient(block.cutOut, option.recomputations),
      recomputations: wholeRecomputations(block.cutOut, option.recomputations),
    }));
    const alone = menus[at].filter((_, index) => options[index].isSelfSufficient);
    const least = (of: (option: BlockOption) => number): number => Math.min(...alone.map(of));

    const outputs = rowOf(step.inputs, rest).filter((value) => step.producer[value] >= 0);
    const gradientBytes = bytesOf(step.valueBytes, rowOf(step.outputs, rest));
    const next = at + 1 < blocks.length ? blocks[at + 1] : undefined;
    const joinsNext =
      next !== undefined &&
      link.lastForward + 1 === next.link.firstForward &&
      next.link.lastBackward + 1 === link.firstBackward;
    const entering = new Set(joinsNext ? enteringValues(next.cutOut) : []);
    const passed = rowOf(step.inputs, rest).filter((value) => entering.has(block.cutOut.valueOf[value]));
    // At the rest, what it reads and makes is there beside what the link holds.
    const besideBytes = gradientBytes + bytesOf(step.valueBytes, passed);
    const heldOutputBytes = bytesOf(
      step.valueBytes,
      outputs.filter((value) => !passed.includes(value)),
    );
    const allNodes = Array.from({ length: rest }, (_, node) => link.firstForward + node);
    const passingNodes = [...ancestorsOf(block.cutOut, outputs)].map((node) => link.firstForward + node);
    const timeOf = (nodes: readonly NodeId[]): number =>
      nodes.reduce((sum, node) => sum + context.step.durationMs[node], 0);
    return {
      isLikeNext: false,
      options,
      joinsNext,
      isMovable: allNodes.every((node) => !context.fixed[node] && !context.pinnedRecompute[node]),
      outsideForwardBytes,
      outsideBackwardBytes,
      keptBytes: keepAll.restBytes - besideBytes,
      heldInputBytes: least((option) => option.restBytes) - besideBytes - heldOutputBytes,
      heldOutputBytes,
      gradientBytes,
      passingPeakBytes: least((option) => option.forwardPeakBytes),
      passingNodes,
      allNodes,
      passingMs: timeOf(passingNodes),
      allMs: timeOf(allNodes),
      before: firstReader(block.cutOut),
    };
  });
  return links.map((link, at) => ({
    ...link,
    isLikeNext: at + 1 < links.length && menus[at] === menus[at + 1] && areAlike(link, links[at + 1]),
  }));
}

/** Of links with the same menu: are they tied to their neighbours in the same way? */
const areAlike = (a: SegmentLink, b: SegmentLink): boolean =>
  a.joinsNext && b.joinsNext && a.keptBytes === b.keptBytes && a.heldOutputBytes === b.heldOutputBytes;

const rowOf = ({ offsets, items }: { offsets: Int32Array; items: Int32Array }, row: number): number[] =>
  Array.from(items.subarray(offsets[row], offsets[row + 1]));

const bytesOf = (valueBytes: Float64Array, values: readonly number[]): number =>
  values.reduce((sum, value) => sum + valueBytes[value], 0);

/** Values of the whole step that are there when the window begins and last used inside it. */
function enteringValues({ step, valueOf }: CutOut): number[] {
  return Array.from(valueOf).filter((_, value) => step.residentAtStart[value] && !step.residentAtEnd[value]);
}

/** The window's forward nodes that values made in its forward pass depend on, ascending. */
function ancestorsOf({ step, rest }: CutOut, values: readonly number[]): NodeId[] {
  const found = new Uint8Array(rest);
  const open = values.map((value) => step.producer[value]).filter((node) => node >= 0 && node < rest);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found[node]) continue;
    found[node] = 1;
    for (const value of rowOf(step.inputs, node)) {
      const producer = step.producer[value];
      if (producer >= 0 && producer < rest) open.push(producer);
    }
  }
  return Array.from({ length: rest }, (_, node) => node).filter((node) => found[node]);
}

/** The first backward node that reads what the window's forward pass makes, in the whole step's numbers. */
function firstReader({ step, rest, nodeOf }: CutOut): NodeId {
  for (let node = rest + 1; node < step.nodeCount; node++)
    for (const value of rowOf(step.inputs, node))
      if (step.producer[value] >= 0 && step.producer[value] < rest) return nodeOf[node];
  return nodeOf[rest + 1];
}

/** Could the window's backward pass run with these recomputations if its forward pass had never run? */
function isSelfSufficient({ step, rest }: CutOut, recomputations: Int32Array): boolean {
  const made = new Uint8Array(step.valueCount);
  let next = 0;
  const runs = (node: NodeId): boolean => {
    for (const table of [step.inputs, step.updates]) {
      for (const value of rowOf(table, node)) {
        const producer = step.producer[value];
        if (producer >= 0 && producer < rest && !made[value]) return false;
      }
    }
    for (const value of rowOf(step.outputs, node)) made[value] = 1;
    return true;
  };
  for (let node = rest + 1; node < step.nodeCount; node++) {
    for (; next < recomputations.length && recomputations[next] <= node; next += 2)
      if (!runs(recomputations[next + 1])) return false;
    if (!runs(node)) return false;
  }
  return true;
}
