import { pytorchVersionOf } from '../operators/pytorchVersion';
import { costOf, type StepDraft } from './draft';
import {
  foreachTemporaryCopies,
  hasDenominator,
  optimizerStateBytes,
  updateImplementation,
  updateTraffic,
} from './optimizerMemory';
import { updateWork } from './optimizerWork';
import { Phase, ValueKind, type ValueId } from './stepGraph';

/** One parameter the optimizer updates. */
interface Update {
  readonly name: string;
  readonly parameter: ValueId;
  readonly gradient: ValueId;
  /** Of the parameter. */
  readonly bytes: number;
  /** Undefined where the optimizer keeps none. */
  readonly state: ValueId | undefined;
}

interface NodeParts {
  readonly inputs: readonly ValueId[];
  readonly outputs?: readonly ValueId[];
  readonly updates?: readonly (ValueId | undefined)[];
  readonly workspaceBytes?: number;
  readonly trafficBytes: number;
}

/**
 * Adds the update of every parameter that has a gradient, with the temporaries of the implementation the workload asks
 * for: one parameter after the other, all at once (foreach), or none (fused). In a first step the state appears here.
 */
export function addOptimizer(draft: StepDraft, gradients: ReadonlyMap<number, ValueId>): void {
  const { workload } = draft;
  const { optimizer } = workload;
  if (optimizer === 'none') return;
  const pytorch = pytorchVersionOf(draft.graph.producer);
  const implementation = updateImplementation(workload, pytorch);
  const counterOnDevice = workload.semantics === 'cpu' || implementation === 'fused';
  const updates = [...gradients].map(([tensor, gradient]): Update => {
    const { name } = draft.graph.tensors[tensor];
    const { bytes } = draft.tensors[tensor]!;
    const stateBytes = optimizerStateBytes(optimizer, bytes, counterOnDevice);
    return {
      name,
      parameter: draft.storage[tensor],
      gradient,
      bytes,
      state: stateBytes > 0 ? addState(draft, name, stateBytes) : undefined,
    };
  });
  const isFirst = workload.stepKind === 'first';
  // Adam makes the state of all its parameters before the first of them is updated; momentum clones each gradient.
  if (isFirst && hasDenominator(optimizer)) for (const update of updates) addInitialState(draft, update);
  const { moments, parameter } = updateTraffic(optimizer, implementation);
  if (implementation === 'foreach' && hasDenominator(optimizer)) {
    addListwise(draft, updates, foreachTemporaryCopies(pytorch), { moments, parameter });
    return;
  }
  const hasTemporaries = implementation === 'for-loop' && hasDenominator(optimizer);
  updates.forEach((update, i) => {
    const makesState = isFirst && !hasDenominator(optimizer) && update.state !== undefined;
    // The square root and the quotient are there at once; Python drops the denominator before only after that.
    const temporaryBytes = hasTemporaries ? 2 * update.bytes + (i > 0 ? updates[i - 1].bytes : 0) : 0;
    addUpdateNode(draft, `${optimizer} update of ${update.name}`, {
      inputs: [update.gradient],
      outputs: makesState ? [update.state] : [],
      updates: [update.parameter, makesState ? undefined : update.state],
      workspaceBytes: temporaryBytes,
      trafficBytes: (moments + parameter) * update.bytes,
    });
  });
}

function addState(draft: StepDraft, name: string, bytes: number): ValueId {
  const { optimizer, stepKind } = draft.workload;
  const state = draft.builder.value({
    name: `${optimizer} state of ${name}`,
    bytes,
    kind: ValueKind.optimizerState,
    residentAtStart: stepKind === 'steady',
  });
  draft.builder.keepToEnd(state);
  return state;
}

function addInitialState(draft: StepDraft, { name, parameter, bytes, state }: Update): void {
  addUpdateNode(draft, `${draft.workload.optimizer} initial state of ${name}`, {
    inputs: [parameter],
    outputs: [state!],
    trafficBytes: 2 * bytes,
  });
}

/**
 * Each call of a foreach implementation goes over the whole list of parameters: all denominators are made before the
 * first parameter changes, and live until the last one has.
 */
function addListwise(
  draft: StepDraft,
  updates: readonly Update[],
  copies: number,
  traffic: { readonly moments: number; readonly parameter: number },
): void {
  const { optimizer } = draft.workload;
  const denominators = updates.map(({ name, parameter, gradient, bytes, state }) => {
    const denominator = draft.builder.value({
      name: `${optimizer} denominator of ${name}`,
      bytes: copies * bytes,
      kind: ValueKind.temporary,
    });
    addUpdateNode(draft, `${optimizer} moments of ${name}`, {
      inputs: [gradient],
      outputs: [denominator],
      updates: [parameter, state],
      trafficBytes: traffic.moments * bytes,
    });
    return denominator;
  });
  updates.forEach(({ name, parameter, bytes, state }, i) => {
    addUpdateNode(draft, `${optimizer} update of ${name}`, {
      inputs: [denominators[i], state!],
      updates: [parameter],
      trafficBytes: traffic.parameter * bytes,
    });
  });
}

/** The first value a node updates, or reads where it updates none, decides the device it runs on: the parameter's. */
function addUpdateNode(draft: StepDraft, name: string, parts: NodeParts): void {
  draft.builder.node({
    name,
    phase: Phase.optimizer,
    operator: -1,
    module: 0,
    inputs: parts.inputs,
    outputs: parts.outputs ?? [],
    updates: parts.updates?.filter((value) => value !== undefined) ?? [],
    workspaceBytes: parts.workspaceBytes ?? 0,
    ...costOf(draft, updateWork(draft, parts.trafficBytes)),
    recomputable: false,
  });
}
