import { appendTo } from '../../base/groups';
import type { Layer, LayerIndex } from '../../plan/layerIndex';
import type { Decision } from '../../plan/plan';
import type { RegionRecomputation } from '../../plan/regionRecomputation';
import { Phase, type NodeId } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import type { PlanningProblem } from '../problem';
import { localNode, type CutOut, type StepCutter } from './cutOut';
import type { Link } from './links';

/** A link as a planning problem of its own, with what its parts are in the whole. */
export interface BlockProblem {
  readonly link: Link;
  readonly cutOut: CutOut;
  readonly problem: PlanningProblem;
  /** By the block's layer: the whole model's; the root's is -1. */
  readonly layerOf: Int32Array;
  /** The same for two blocks in which the same plans cost the same. */
  readonly key: string;
}

/** Cuts a link out of the step with the modules and the pins in it. */
export function blockProblem(context: PlanningContext, cutter: StepCutter, link: Link): BlockProblem {
  const { layers } = context.problem.layers;
  const cutOut = cutter.cut(link, context.problem.layers.recomputable);
  const { step, nodeOf } = cutOut;
  const layerOf = [-1];
  const parentOf = [0];
  const add = (id: number, parent: number): void => {
    parentOf.push(parent);
    const at = layerOf.push(id) - 1;
    for (const child of layers[id].children) add(child, at);
  };
  add(link.module, 0);
  const local = (node: NodeId): NodeId => localNode(link, node);
  const blockLayers = layerOf.map((id, at): Layer => {
    const children = parentOf.flatMap((parent, child) => (child > 0 && parent === at ? [child] : []));
    if (at === 0) {
      const { forwardNodes } = layers[link.module];
      const all = forwardNodes.map(local);
      return { id: 0, name: '', parent: 0, children, forwardNodes: all, checkpointable: false };
    }
    const { name, className, forwardNodes, checkpointable, recomputation } = layers[id];
    return {
      id: at,
      name,
      className,
      parent: parentOf[at],
      children,
      forwardNodes: forwardNodes.map(local),
      checkpointable,
      recomputation: recomputation && localRecomputation(recomputation, local),
    };
  });
  const nodesByOperator = new Map<string, NodeId[]>();
  const region = context.problem.layers.regionOfNode;
  const regionOfNode = Int32Array.from(nodeOf, (node) =>
    node >= 0 && region[node] === link.module ? 1 : -1,
  );
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward) continue;
    appendTo(nodesByOperator, step.nodeName[node], node);
  }
  const index: LayerIndex = {
    layers: blockLayers,
    layerByName: new Map(blockLayers.map((layer) => [layer.name, layer])),
    nodesByOperator,
    absorbed: new Set(),
    blocks: [],
    regionOfNode,
    recomputable: step.recomputable,
  };
  const pins = pinsInside(context, cutOut, layerOf);
  return {
    link,
    cutOut,
    problem: { step, layers: index, pins },
    layerOf: Int32Array.from(layerOf),
    key: keyOf(cutOut, index, pins),
  };
}

const localRecomputation = (
  { before, nodes }: RegionRecomputation,
  local: (node: NodeId) => NodeId,
): RegionRecomputation => ({ before: local(before), nodes: nodes.map(local) });

/** What the pins, nested as they may be, come to in the block: for each operator, and for the modules they wrap. */
function pinsInside(context: PlanningContext, { nodeOf }: CutOut, layerOf: readonly number[]): Decision[] {
  const { step, fixed, pinnedRecompute, pinnedModules, problem } = context;
  const { layers, recomputable } = problem.layers;
  const pins: Decision[] = [];
  for (const id of pinnedModules)
    if (layerOf.includes(id)) pins.push({ target: layers[id].name, kind: 'module', choice: 'recompute' });
  for (const node of nodeOf) {
    if (node < 0 || step.nodePhase[node] !== Phase.forward) continue;
    const isKept = recomputable[node] && fixed[node];
    if (!isKept && !pinnedRecompute[node]) continue;
    pins.push({ target: step.nodeName[node], kind: 'operator', choice: isKept ? 'keep' : 'recompute' });
  }
  return pins;
}

/**
 * All that planning depends on, names left out: two blocks with the same key are alike to the byte and the operation.
 * A text rather than a hash of it: nothing can collide.
 */
function keyOf({ step }: CutOut, index: LayerIndex, pins: readonly Decision[]): string {
  const pinned = new Map(
    pins.filter(({ kind }) => kind === 'operator').map((pin) => [pin.target, pin.choice]),
  );
  const wrapped = new Set(pins.filter(({ kind }) => kind === 'module').map(({ target }) => target));
  return JSON.stringify(
    [
      ...[
        step.nodePhase,
        step.workspaceBytes,
        step.durationMs,
        step.recomputable,
        step.drawsRandom,
        index.regionOfNode,
      ],
      ...[step.inputs, step.outputs, step.updates].flatMap(({ offsets, items }) => [offsets, items]),
      ...[step.valueBytes, step.residentAtStart, step.residentAtEnd, step.producer],
    ]
      .map((table) => Array.from(table))
      .concat([
        step.nodeName.map((name) => ['', 'keep', 'recompute'].indexOf(pinned.get(name) ?? '')),
        index.layers.flatMap(({ name, parent, checkpointable, forwardNodes, recomputation }) => [
          parent,
          Number(checkpointable),
          Number(wrapped.has(name)),
          forwardNodes.length,
          ...forwardNodes,
          recomputation?.before ?? -1,
          recomputation?.nodes.length ?? 0,
          ...(recomputation?.nodes ?? []),
        ]),
      ]),
  );
}
