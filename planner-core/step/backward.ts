import { backwardWork } from './backwardWork';
import { costOf, type ForwardRecord, type StepDraft } from './draft';
import type { Seed } from './loss';
import { Phase, ValueKind, type ValueId } from './stepGraph';

/** The gradient of a group of tensors that are whole views of each other, as far as it has been accumulated. */
interface Gradient {
  readonly value: ValueId;
  /** Someone else also reads the buffer: it must not be added to in place. */
  readonly shared: boolean;
}

/**
 * Adds the backward computations in reverse order of the forward ones, as autograd's engine runs them. The gradient of
 * a tensor is allocated at its first contribution; later ones need a temporary of its size and are added in place.
 */
export function addBackward(draft: StepDraft, seeds: readonly Seed[]): Map<number, ValueId> {
  const groups = gradientGroups(draft);
  const gradients = new Array<Gradient | undefined>(draft.graph.tensors.length);
  for (const { tensor, value, shared } of seeds) gradients[groups[tensor]] = { value, shared };
  for (let i = draft.records.length - 1; i >= 0; i--) {
    const record = draft.records[i];
    if (record.kind !== 'whole-view') addBackwardNode(draft, record, groups, gradients);
  }
  const ofParameters = new Map<number, ValueId>();
  for (const { id } of draft.graph.tensors) {
    if (draft.tensors[id]?.role !== 'parameter' || !draft.gradientNeeded[id]) continue;
    const gradient = gradients[groups[id]];
    if (gradient) ofParameters.set(id, gradient.value);
  }
  return ofParameters;
}

/** By TensorId: a representative of the tensors whose gradients share one storage. */
function gradientGroups(draft: StepDraft): Int32Array {
  const groups = Int32Array.from(draft.graph.tensors, (_, id) => id);
  for (const { kind, operator, rule, context } of draft.records) {
    if (kind !== 'whole-view') continue;
    const storage = rule?.storage?.(context);
    const { inputs, outputs } = draft.graph.operators[operator];
    for (const output of outputs) {
      if (output >= 0 && storage?.kind === 'view') groups[output] = groups[inputs[storage.of]];
    }
  }
  return groups;
}

function addBackwardNode(
  draft: StepDraft,
  record: ForwardRecord,
  groups: Int32Array,
  gradients: (Gradient | undefined)[],
): void {
  const { builder } = draft;
  const operator = draft.graph.operators[record.operator];
  const incoming: ValueId[] = [];
  let first: Gradient | undefined;
  for (const id of operator.outputs) {
    const gradient = id >= 0 && draft.gradientNeeded[id] ? gradients[groups[id]] : undefined;
    if (!gradient) continue;
    first ??= gradient;
    incoming.push(gradient.value);
  }
  if (!first) return;
  const blocked = record.rule?.nonDifferentiableInputs;
  const wanted = operator.inputs.filter(
    (id, index) => id >= 0 && draft.gradientNeeded[id] && !blocked?.includes(index),
  );
  if (wanted.length === 0) return;

  const { value: handedOn, shared } = first;
  const handedOnBytes = builder.bytesOf(handedOn);
  const inputs: ValueId[] = [...incoming, ...record.saved];
  const outputs: ValueId[] = [];
  const updates: ValueId[] = [];
  let workspaceBytes = 0;
  const passesTo = (id: number): boolean =>
    draft.tensors[groups[id]]?.role !== 'parameter' &&
    passesGradient(record, draft.tensors[id]?.bytes ?? 0, handedOnBytes, shared);
  const takers = wanted.filter((id) => !gradients[groups[id]] && passesTo(id)).length;
  for (const id of wanted) {
    const group = groups[id];
    const bytes = draft.tensors[id]?.bytes ?? 0;
    const passes = passesTo(id);
    const known = gradients[group];
    if (!known && passes) {
      gradients[group] = { value: handedOn, shared: shared || takers > 1 };
    } else if (known && !known.shared) {
      // x · xᵀ contributes twice to the gradient it makes: the second time in place, within the node.
      if (!outputs.includes(known.value)) updates.push(known.value);
      if (!passes) workspaceBytes += bytes;
    } else {
      const value = newGradient(draft, id, group, bytes);
      if (known) inputs.push(known.value);
      outputs.push(value);
      gradients[group] = { value, shared: false };
    }
  }
  // A gradient that is only handed on costs nothing and needs no node.
  if (outputs.length === 0 && updates.length === 0) return;
  builder.node({
    name: `${operator.name} backward`,
    phase: Phase.backward,
    operator: record.operator,
    module: operator.module,
    inputs,
    outputs,
    updates,
    workspaceBytes,
    ...costOf(draft, backwardWork(draft, record, { incoming, outputs, updates })),
    recomputable: false,
  });
}

/** True where the operator hands on the gradient buffer it got (Add without broadcasting), or views of it (Concat). */
function passesGradient(
  record: ForwardRecord,
  bytes: number,
  incomingBytes: number,
  incomingShared: boolean,
): boolean {
  if (!record.rule?.passesGradient) return false;
  // A broadcast scalar (the gradient of a sum) can be handed on under any shape.
  return bytes <= incomingBytes && (bytes === incomingBytes || record.context.operator.type === 'Concat')
    ? true
    : incomingShared && incomingBytes <= 4;
}

function newGradient(draft: StepDraft, tensor: number, group: number, bytes: number): ValueId {
  const parameter = draft.tensors[group]?.role === 'parameter';
  const value = draft.builder.value({
    name: `gradient of ${draft.graph.tensors[tensor].name}`,
    bytes,
    kind: parameter ? ValueKind.parameterGradient : ValueKind.activationGradient,
  });
  if (parameter) draft.builder.keepToEnd(value);
  return value;
}
