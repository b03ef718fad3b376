import type { ModelGraph, Operator } from '../../graph/modelGraph';
import type { LayerIndex } from '../../plan/layerIndex';
import type { NodeId, StepGraph, ValueId } from '../../step/stepGraph';
import { changedLater, forwardCalls } from './forwardCalls';
import { CallCounter, kernelKind } from './kernelKinds';

/** Which results a selective checkpoint keeps: kind of call -> numbers of its calls in a run of the module. */
export interface Selection {
  readonly save: Readonly<Record<string, readonly number[]>>;
  /** How many calls of the kinds in `save` a run has: another number means that the calls cannot be told apart. */
  readonly calls: Readonly<Record<string, number>>;
}

/** Activations that overwrite are told not to while the plan is on; sums and products cannot be. */
const arithmetic = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** A region's nodes whose results stay, and how a policy finds them. */
export interface SelectedRegion {
  readonly selection: Selection;
  readonly saved: ReadonlySet<NodeId>;
}

/**
 * What a checkpoint around a region keeps: the results that `kept` marks of nodes that are not in `again`. `rerun`: what a
 * whole checkpoint runs again; what comes after that is not run again either way, and a policy would only hold it. A policy keeps
 * all a call returns, so a call of which only a by-product is kept (the deviation of a normalization) runs again instead.
 * Of several calls that write to one storage (a sum, the activation over it) the last one's result is what is kept.
 * `unknown`: the type of an operator whose result has to be kept but cannot be told apart.
 */
export function selectionOf(
  { graph, step, layers }: { graph: ModelGraph; step: StepGraph; layers: LayerIndex },
  region: number,
  again: Uint8Array,
  kept: Uint8Array,
  rerun: ReadonlySet<NodeId>,
): SelectedRegion | { readonly unknown: string } {
  const calls = forwardCalls(graph, step, (node) => layers.regionOfNode[node] === region);
  const lastWriter = new Map<ValueId, Operator>();
  for (const { operator, writes } of calls) lastWriter.set(writes, operator);
  const changed = changedLater(graph, step, arithmetic);
  const save: Record<string, number[]> = {};
  const counter = new CallCounter();
  const saved = new Set<NodeId>();
  for (const { operator, node, writes } of calls) {
    const kind = kernelKind(operator);
    // What outlives the step, like new running statistics, is no result a policy has to keep.
    const stays = !again[step.producer[writes]] && kept[writes] === 1 && step.residentAtEnd[writes] === 0;
    if (stays) saved.add(node);
    const isSaved = stays && rerun.has(node) && lastWriter.get(writes) === operator;
    // What draws random numbers has to draw them again, or all that draw after it get others; and a kept result must
    // not be changed in place.
    if (isSaved && (kind === undefined || step.drawsRandom[node] || changed.has(operator.outputs[0])))
      return { unknown: operator.type };
    if (kind === undefined) continue;
    const number = counter.numberOf(kind, operator);
    if (isSaved && !save[kind]?.includes(number)) (save[kind] ??= []).push(number);
  }
  const counted = Object.fromEntries(Object.keys(save).map((kind) => [kind, counter.counts[kind]]));
  return { selection: { save, calls: counted }, saved };
}
