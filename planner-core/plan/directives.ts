import { Phase, type StepGraph } from '../step/stepGraph';
import type { Directives } from '../simulator/schedule';
import { RegionCompiler } from './compileRegions';
import type { LayerIndex } from './layerIndex';
import { leadersOf } from './leaders';
import type { Decision, Strategy } from './plan';
import { resolveDecisions, type ResolvedDecisions } from './resolveDecisions';

/**
 * The deterministic compiler from decisions to directives.
 * module-checkpoint: every module decided to recompute is wrapped as a whole, or, where something in it is decided
 * otherwise or it cannot be wrapped, the largest modules in it that can. Operators left over run again one by one.
 * selective: every operator in a recomputed module, or decided to recompute, runs again with its region.
 * schedule: `recomputations` as given (they contain what the decisions ask for); without them like selective.
 * Throws 'unknown-module' and 'unknown-device'.
 */
export function directivesOf(
  step: StepGraph,
  layers: LayerIndex,
  decisions: readonly Decision[],
  strategy: Strategy,
  recomputations?: Int32Array,
): Directives {
  const resolved = resolveDecisions(step, layers, decisions);
  return {
    recomputations:
      strategy === 'schedule' && recomputations
        ? recomputations
        : regionRecomputations(step, layers, resolved, strategy),
    offloads: offloadedValues(step, resolved),
    placement: placementOf(step, resolved),
  };
}

function regionRecomputations(
  step: StepGraph,
  layers: LayerIndex,
  resolved: ResolvedDecisions,
  strategy: Strategy,
): Int32Array {
  const flagged = recomputeFlags(resolved);
  if (!flagged.includes(1)) return new Int32Array(0);
  const modules = strategy === 'module-checkpoint' ? wrappedModules(layers, resolved, flagged) : [];
  const kept = Uint8Array.from(resolved.choice, (choice) =>
    Number(choice === 'keep' || choice === 'offload'),
  );
  return new RegionCompiler(step, layers, kept).compile(modules, flagged);
}

/** By node: 1 where the decision is to recompute. */
export function recomputeFlags(resolved: ResolvedDecisions): Uint8Array {
  return Uint8Array.from(resolved.choice, (choice) => Number(choice === 'recompute'));
}

/** The largest modules that can be wrapped, within those decided to recompute. */
export function wrappedModules(
  layers: LayerIndex,
  resolved: ResolvedDecisions,
  flagged: Uint8Array,
): number[] {
  const wrapped: number[] = [];
  const done = new Uint8Array(layers.layers.length);
  const visit = (id: number): void => {
    if (done[id]) return;
    done[id] = 1;
    const layer = layers.layers[id];
    if (layer.checkpointable && layer.forwardNodes.every((node) => flagged[node])) {
      wrapped.push(id);
      markDone(id);
    } else layer.children.forEach(visit);
  };
  const markDone = (id: number): void => {
    for (const child of layers.layers[id].children) {
      done[child] = 1;
      markDone(child);
    }
  };
  resolved.recomputedModules.forEach(visit);
  return wrapped;
}

/** Activations made by offloaded operators that backward reads and that need not stay. Ascending. */
function offloadedValues(step: StepGraph, { choice }: ResolvedDecisions): Int32Array {
  const offloaded = new Uint8Array(step.valueCount);
  let count = 0;
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.backward) continue;
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const value = step.inputs.items[i];
      const producer = step.producer[value];
      if (producer < 0 || choice[producer] !== 'offload') continue;
      if (offloaded[value] || step.residentAtEnd[value] || step.nodePhase[producer] !== Phase.forward)
        continue;
      offloaded[value] = 1;
      count++;
    }
  }
  const values = new Int32Array(count);
  for (let value = 0, at = 0; value < step.valueCount; value++) if (offloaded[value]) values[at++] = value;
  return values;
}

/** What is not decided runs on the first device; backward and loss follow the forward pass. */
function placementOf(step: StepGraph, { device }: ResolvedDecisions): Uint8Array | undefined {
  if (device.every((index) => index <= 0)) return undefined;
  return Uint8Array.from(leadersOf(step), (leader) => (leader < 0 ? 0 : Math.max(0, device[leader])));
}
