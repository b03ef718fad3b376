import { Phase, type NodeId } from '../../step/stepGraph';
import type { PlanningContext } from '../context';

/** A stretch of the step that is planned as one: consecutive forward nodes and the consecutive backward nodes of them. */
export interface Window {
  readonly firstForward: NodeId;
  readonly lastForward: NodeId;
  readonly firstBackward: NodeId;
  readonly lastBackward: NodeId;
}

/** A link of the chain: a module inside which operators are recomputed together. */
export interface Link extends Window {
  /** Id in LayerIndex.layers. */
  readonly module: number;
}

/**
 * The regions of a step (natural blocks first, then the others) whose windows nest like brackets: one after the other
 * in the forward pass, in the opposite order in the backward pass. What is saved in one of them is then saved for all
 * that come after it until its own backward pass, whatever connects them. In forward order. Regions that a pin wraps
 * from outside are left out.
 */
export function chainLinks(context: PlanningContext): Link[] {
  const { layers, blocks } = context.problem.layers;
  const isBlock = new Set(blocks);
  const pinned = new Set(context.pinnedModules);
  const isWrapped = (id: number): boolean => {
    for (let above = layers[id].parent; above > 0; above = layers[above].parent)
      if (pinned.has(above)) return true;
    return false;
  };
  const regions = regionWindows(context).filter(({ module }) => !isWrapped(module));
  const links: Link[] = [];
  const inOrder = regions.sort((a, b) => a.firstForward - b.firstForward);
  for (const wanted of [true, false]) {
    for (const region of inOrder) {
      if (isBlock.has(region.module) !== wanted) continue;
      const at = links.findIndex((link) => link.firstForward > region.firstForward);
      const index = at < 0 ? links.length : at;
      const fits =
        (index === 0 || follows(links[index - 1], region)) &&
        (index === links.length || follows(region, links[index]));
      if (fits) links.splice(index, 0, region);
    }
  }
  return links;
}

const follows = (a: Link, b: Link): boolean =>
  a.lastForward < b.firstForward && b.lastBackward < a.firstBackward;

function regionWindows({ step, problem }: PlanningContext): Link[] {
  const { regionOfNode } = problem.layers;
  const windows = new Map<number, { -readonly [K in keyof Link]: Link[K] }>();
  for (let node = 0; node < step.nodeCount; node++) {
    const module = regionOfNode[node];
    const phase = step.nodePhase[node];
    if (module < 0 || (phase !== Phase.forward && phase !== Phase.backward)) continue;
    let window = windows.get(module);
    if (!window) {
      window = { module, firstForward: -1, lastForward: -1, firstBackward: -1, lastBackward: -1 };
      windows.set(module, window);
    }
    if (phase === Phase.forward) {
      if (window.firstForward < 0) window.firstForward = node;
      window.lastForward = node;
    } else {
      if (window.firstBackward < 0) window.firstBackward = node;
      window.lastBackward = node;
    }
  }
  return [...windows.values()].filter(
    ({ firstForward, lastForward, firstBackward }) => firstForward >= 0 && firstBackward > lastForward,
  );
}
