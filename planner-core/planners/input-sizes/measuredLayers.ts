import type { AllocationTrack } from '../../measurements/allocationTrack';
import type { MeasuredCall } from '../../measurements/measuredRun';
import type { StepCall } from '../../measurements/stepCalls';
import type { Layer } from '../../plan/layerIndex';
import type { StepGraph } from '../../step/stepGraph';
import { heldValues } from './layerHeldBytes';

/** What one recorded step says of a module's forward pass. */
export interface MeasuredLayer {
  readonly layer: string;
  /** Allocated while it ran and still held when it had returned. */
  readonly bytes: number;
  /** Of its computations. */
  readonly ms: number;
}

/** Measured calls of a step with the computations they are. */
export interface PairedCalls {
  readonly nodes: readonly StepCall[];
  /** In the order they ran, backward pass included. */
  readonly calls: readonly MeasuredCall[];
  /** By call: index into `nodes`; -1 for none. */
  readonly nodeOfCall: Int32Array;
}

/**
 * Memory and time of modules as a profiler saw them, the collector of Mimose (arXiv 2209.02478) after the fact. Only modules all of whose
 * kept values are made by calls that were recorded. A module has returned when the next call begins: what its code let go is gone by then.
 */
export function measuredLayers(
  { nodes, calls, nodeOfCall }: PairedCalls,
  layers: readonly Layer[],
  step: StepGraph,
  track: AllocationTrack,
): MeasuredLayer[] {
  const matched = new Set(Array.from(nodeOfCall).flatMap((at) => (at < 0 ? [] : nodes[at].node)));
  return layers.flatMap((layer): MeasuredLayer[] => {
    const inside = new Set(layer.forwardNodes);
    const isMeasured = heldValues(layer, step).every((value) => matched.has(step.producer[value]));
    const groups = isMeasured ? groupsOf(nodes, nodeOfCall, inside) : [];
    // The whole model has no name, and is no layer to plan for.
    if (layer.name === '' || groups.length === 0) return [];
    let [bytes, ms] = [0, 0];
    for (const { first, last, own } of groups) {
      const end = calls[last].span!.end;
      bytes += track.heldFrom(calls[first].span!.start, end, calls[last + 1]?.span?.start ?? end);
      for (const call of own) ms += calls[call].ms;
    }
    return [{ layer: layer.name, bytes, ms }];
  });
}

interface Group {
  readonly first: number;
  last: number;
  readonly own: number[];
}

/** Calls of a module that no call of another one comes between: each time that it ran. */
function groupsOf(
  nodes: readonly StepCall[],
  nodeOfCall: Int32Array,
  inside: ReadonlySet<number>,
): readonly Group[] {
  const groups: Group[] = [];
  let isInside = false;
  nodeOfCall.forEach((at, call) => {
    if (at < 0) return;
    const wasInside = isInside;
    isInside = inside.has(nodes[at].node);
    if (!isInside) return;
    if (wasInside) groups[groups.length - 1].last = call;
    else groups.push({ first: call, last: call, own: [] });
    groups[groups.length - 1].own.push(call);
  });
  return groups;
}
