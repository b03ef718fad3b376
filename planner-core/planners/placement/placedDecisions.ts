import type { LayerIndex } from '../../plan/layerIndex';
import type { Decision } from '../../plan/plan';
import type { StepGraph } from '../../step/stepGraph';

/**
 * A device for each forward node as decisions: for the largest modules that agree, operators beyond them. A module that
 * has a pin of its own is left to what is in it, because a decision is either a person's or the planner's.
 */
export function placedDecisions(
  step: StepGraph,
  layers: LayerIndex,
  deviceOfNode: ArrayLike<number>,
  pins: readonly Decision[],
): Decision[] {
  const pinned = new Set(pins.map(({ kind, target }) => `${kind} ${target}`));
  const decisions: Decision[] = [];
  const done = new Set<number>();
  for (const { id, name, forwardNodes } of layers.layers) {
    if (id === 0 || forwardNodes.length === 0 || forwardNodes.every((node) => done.has(node))) continue;
    const device = deviceOfNode[forwardNodes[0]];
    if (pinned.has(`module ${name}`) || forwardNodes.some((node) => deviceOfNode[node] !== device)) continue;
    decisions.push({ target: name, kind: 'module', device: step.devices[device] });
    for (const node of forwardNodes) done.add(node);
  }
  for (const [target, nodes] of layers.nodesByOperator) {
    if (nodes.every((node) => done.has(node)) || pinned.has(`operator ${target}`)) continue;
    decisions.push({ target, kind: 'operator', device: step.devices[deviceOfNode[nodes[0]]] });
  }
  return decisions;
}
