import type { LayerIndex } from '../../plan/layerIndex';
import type { Decision } from '../../plan/plan';
import type { StepGraph } from '../../step/stepGraph';

/**
 * A device for each forward node (-1: none) as decisions: for the largest modules that agree, operators beyond them. A
 * module that has a pin of its own is left to what is in it, because a decision is either a person's or the planner's.
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
    if (device < 0 || pinned.has(`module ${name}`)) continue;
    if (forwardNodes.some((node) => deviceOfNode[node] !== device)) continue;
    decisions.push({ target: name, kind: 'module', device: step.devices[device] });
    for (const node of forwardNodes) done.add(node);
  }
  for (const [target, nodes] of layers.nodesByOperator) {
    const device = deviceOfNode[nodes[0]];
    if (device < 0 || nodes.every((node) => done.has(node)) || pinned.has(`operator ${target}`)) continue;
    decisions.push({ target, kind: 'operator', device: step.devices[device] });
  }
  return decisions;
}
