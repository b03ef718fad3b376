import type { Layer } from '../../plan/layerIndex';
import { Phase, type StepGraph } from '../../step/stepGraph';
import type { Evaluation, PlanningContext } from '../context';
import { measuredOption } from './blockMenu';
import type { BlockProblem } from './blockProblem';
import type { Choice } from './budgetProgramme';
import { liveByNode } from './chainModel';
import { localNode, type StepCutter } from './cutOut';
import { MemoryProfile } from '../memoryProfile';
import type { Window } from './links';

/** A checkpoint around a module that holds several links. */
export interface Span extends Choice {
  readonly first: number;
  /** Id in LayerIndex.layers. */
  readonly module: number;
}

/** The modules that hold several whole links, as choices beside those of the first of these. */
export function spanChoices(
  { step, fixed, pinnedRecompute, problem }: PlanningContext,
  cutter: StepCutter,
  blocks: readonly BlockProblem[],
  whole: Evaluation,
): Span[] {
  const live = liveByNode(whole, step.nodeCount);
  const { layers, recomputable } = problem.layers;
  const backward = backwardRanges(step, layers);
  const spans: Span[] = [];
  const seen = new Set<string>();
  for (const { id, forwardNodes, recomputation } of layers) {
    if (!recomputation || forwardNodes.some((node) => fixed[node] || pinnedRecompute[node])) continue;
    const window: Window = {
      firstForward: forwardNodes[0],
      lastForward: forwardNodes[forwardNodes.length - 1],
      firstBackward: backward.first[id],
      lastBackward: backward.last[id],
    };
    const first = blocks.findIndex(({ link }) => link.firstForward >= window.firstForward);
    const last = blocks.findLastIndex(({ link }) => link.lastForward <= window.lastForward);
    if (first < 0 || last <= first || !holds(window, blocks, first, last)) continue;
    const name = `${first} ${last}`;
    if (seen.has(name)) continue;
    seen.add(name);

    const cutOut = cutter.cut(window, recomputable);
    const profile = new MemoryProfile(cutOut.step);
    const pairs = Int32Array.from(
      recomputation.nodes.flatMap((node) => [
        localNode(window, recomputation.before),
        localNode(window, node),
      ]),
    );
    const nothing = new Uint8Array(0);
    const kept = profile.ofRecomputations(new Int32Array(0));
    const inside = liveByNode(kept, cutOut.step.nodeCount);
    const keepAll = measuredOption(kept, cutOut.rest, new Int32Array(0), nothing);
    const option = measuredOption(profile.ofRecomputations(pairs), cutOut.rest, pairs, nothing);
    const forwardBytes = live[window.firstForward] - inside[0];
    const backwardBytes = live[window.firstBackward] - inside[cutOut.rest + 1];
    const needBytes = Math.max(
      forwardBytes + option.forwardPeakBytes,
      backwardBytes + option.backwardPeakBytes,
    );
    spans.push({
      first,
      module: id,
      links: last - first + 1,
      savedBytes: keepAll.restBytes - option.restBytes,
      needBytes: Float64Array.of(needBytes),
      addedMs: Float64Array.of(option.timeMs - keepAll.timeMs),
    });
  }
  return spans;
}

/** Does the window hold these links wholly and no part of any other? */
function holds(window: Window, blocks: readonly BlockProblem[], first: number, last: number): boolean {
  const before = blocks[first - 1]?.link;
  const after = blocks[last + 1]?.link;
  return (
    window.firstBackward <= blocks[last].link.firstBackward &&
    window.lastBackward >= blocks[first].link.lastBackward &&
    (!before || (before.lastForward < window.firstForward && before.firstBackward > window.lastBackward)) &&
    (!after || (after.firstForward > window.lastForward && after.lastBackward < window.firstBackward))
  );
}

/** By module: its first and last backward node. */
function backwardRanges(step: StepGraph, layers: readonly Layer[]): { first: Int32Array; last: Int32Array } {
  const first = new Int32Array(layers.length).fill(step.nodeCount);
  const last = new Int32Array(layers.length).fill(-1);
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.backward) continue;
    for (let id = step.nodeModule[node]; id > 0; id = layers[id].parent) {
      first[id] = Math.min(first[id], node);
      last[id] = node;
    }
  }
  return { first, last };
}
