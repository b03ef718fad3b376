import { HeadroomError } from '../base/errors';
import { nearestNames } from '../base/nearestNames';
import type { NodeId, StepGraph } from '../step/stepGraph';
import type { Layer, LayerIndex } from './layerIndex';
import type { Choice, Decision } from './plan';

/** What applies to each forward node once nested decisions are settled. */
export interface ResolvedDecisions {
  /** By node; undefined where nobody decided. */
  readonly choice: readonly (Choice | undefined)[];
  /** By node: the device index; -1 where nobody decided. */
  readonly device: Int16Array;
  /** Ids of modules with their own decision to recompute, parents first: where checkpoints may be wrapped. */
  readonly recomputedModules: readonly number[];
}

/**
 * Settles decisions: what a person pinned outranks what a planner chose, and within each the most specific target wins
 * (operator before module, inner module before outer). Throws 'unknown-module' and 'unknown-device'.
 */
export function resolveDecisions(
  step: StepGraph,
  layers: LayerIndex,
  decisions: readonly Decision[],
): ResolvedDecisions {
  const choice = new Array<Choice | undefined>(step.nodeCount).fill(undefined);
  const device = new Int16Array(step.nodeCount).fill(-1);
  const recomputedModules: number[] = [];
  const rank = ({ pinned, kind, target }: Decision): number =>
    (pinned ? 1e6 : 0) + (kind === 'operator' ? 1e5 : depthOf(target));
  // From the weakest to the strongest: later ones overwrite.
  for (const decision of [...decisions].sort((a, b) => rank(a) - rank(b))) {
    const deviceIndex = decision.device === undefined ? -1 : indexOfDevice(step, decision.device);
    for (const node of targetNodes(layers, decision)) {
      if (decision.choice !== undefined) choice[node] = decision.choice;
      if (deviceIndex >= 0) device[node] = deviceIndex;
    }
    if (decision.kind === 'module' && decision.choice === 'recompute')
      recomputedModules.push(layers.layerByName.get(decision.target)!.id);
  }
  return { choice, device, recomputedModules: [...new Set(recomputedModules)].sort((a, b) => a - b) };
}

const depthOf = (name: string): number => (name === '' ? 0 : name.split('.').length);

function targetNodes(layers: LayerIndex, { kind, target }: Decision): readonly NodeId[] {
  const nodes =
    kind === 'module' ? layers.layerByName.get(target)?.forwardNodes : layers.nodesByOperator.get(target);
  if (nodes) return nodes;
  // A pin from before the pieces were read as one call: kept, without effect until they are taken apart again.
  if (kind === 'operator' && layers.absorbed.has(target)) return [];
  const names =
    kind === 'module' ? layers.layers.map((layer: Layer) => layer.name) : [...layers.nodesByOperator.keys()];
  const near = nearestNames(target, names);
  throw new HeadroomError(
    'unknown-module',
    `The model has no ${kind} "${target}".`,
    near.length > 0 ? `Did you mean ${near.map((name) => `"${name}"`).join(', ')}?` : undefined,
  );
}

function indexOfDevice(step: StepGraph, id: string): number {
  const index = step.devices.indexOf(id);
  if (index >= 0) return index;
  const known = step.devices.map((device) => `"${device}"`).join(', ');
  throw new HeadroomError('unknown-device', `There is no device "${id}".`, `Devices: ${known}.`);
}
