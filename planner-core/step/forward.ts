import { bytesOf, isFloat } from '../graph/dtype';
import type { Operator } from '../graph/modelGraph';
import { contiguousStrides, denseStrides } from '../graph/strides';
import { ruleOf } from '../operators/registry';
import type { OperatorRule, StepContext, StorageRule } from '../operators/rule';
import { makeConstants } from './constants';
import { contextOf, costOf, type ForwardRecord, type StepDraft } from './draft';
import { forwardWork } from './forwardWork';
import { overwrittenInput } from './overwriting';
import type { CacheGrowth } from './kvCache/cacheGrowth';
import { Phase, ValueKind, type ValueId } from './stepGraph';
import { autocastPolicy, isAutocastable } from './tensors';
import { viewLayout } from './viewLayout';

/** Adds the forward computations: one node for every operator that does work on the device, and the cache's growth. */
export function addForward(
  draft: StepDraft,
  isHost: (operator: number) => boolean,
  cacheGrowth?: CacheGrowth,
): void {
  const castWeights = new Map<ValueId, ValueId>();
  draft.graph.operators.forEach((operator, index) => {
    if (isHost(index)) return;
    cacheGrowth?.before(index);
    const rule = ruleOf(operator);
    const context = contextOf(draft, operator);
    makeConstants(draft, operator, index, rule);
    const overwritten = overwrittenInput(draft, operator, index);
    if (overwritten) {
      draft.records.push(overwritten);
      return;
    }
    const view = asView(draft, operator, rule?.storage?.(context));
    if (view) {
      draft.records.push({ operator: index, rule, context, kind: view, node: -1, saved: [], macs: 0 });
    } else {
      draft.records.push(addCompute(draft, operator, index, rule, context, castWeights));
    }
  });
}

/** Lets the outputs share the input's storage where the operator is a view; undefined when it has to compute. */
function asView(
  draft: StepDraft,
  operator: Operator,
  storage: StorageRule | undefined,
): 'whole-view' | 'part-view' | undefined {
  if (storage?.kind !== 'view') return undefined;
  const source = operator.inputs[storage.of] ?? -1;
  const sourceTensor = draft.tensors[source];
  if (!sourceTensor || draft.storage[source] < 0) return undefined;
  const strides = sourceTensor.strides ?? contiguousStrides(sourceTensor.shape);
  let whole = storage.whole;
  for (const output of operator.outputs) {
    const tensor = draft.tensors[output];
    if (!tensor) continue;
    const layout = viewLayout(operator, { ...sourceTensor, strides }, tensor);
    if (!layout) return undefined;
    draft.tensors[output] = { ...tensor, strides: layout };
    whole &&= tensor.elements === sourceTensor.elements;
  }
  for (const output of operator.outputs) if (output >= 0) draft.storage[output] = draft.storage[source];
  return whole ? 'whole-view' : 'part-view';
}

function addCompute(
  draft: StepDraft,
  operator: Operator,
  index: number,
  rule: OperatorRule | undefined,
  context: StepContext,
  castWeights: Map<ValueId, ValueId>,
): ForwardRecord {
  const { builder } = draft;
  const inputs = operator.inputs.filter((id) => id >= 0 && draft.storage[id] >= 0);
  const inputValues = inputs.map((id) => draft.storage[id]);
  const made: ValueId[] = [];
  const make = (what: string, bytes: number): ValueId => {
    const value = builder.value({ name: `${operator.name}/${what}`, bytes, kind: ValueKind.activation });
    made.push(value);
    return value;
  };
  const converted = convertInputs(draft, rule, context, castWeights, make);
  for (const value of converted.values()) if (!made.includes(value)) inputValues.push(value);
  const largestInput = (): number =>
    inputs.reduce((largest, id) => Math.max(largest, draft.tensors[id]?.bytes ?? 0), 0);
  operator.outputs.forEach((output, position) => {
    if (output < 0) return;
    const tensor = draft.tensors[output];
    // An operator whose result is unknown is taken to produce as much as it reads.
    const bytes = tensor?.bytes ?? (position === 0 ? largestInput() : 0);
    const value = builder.value({
      name: draft.graph.tensors[output].name,
      bytes,
      kind: ValueKind.activation,
    });
    draft.storage[output] = value;
    if (tensor) draft.tensors[output] = { ...tensor, strides: resultStrides(draft, operator, rule, output) };
    made.push(value);
  });

  const saved = savedValues(draft, operator, rule, context, converted, make);
  const macs = rule?.macs?.(context) ?? 0;
  const node = builder.node({
    name: operator.name,
    phase: Phase.forward,
    operator: index,
    module: operator.module,
    inputs: inputValues,
    outputs: made,
    workspaceBytes: rule?.workspaceBytes?.(context) ?? 0,
    ...costOf(draft, forwardWork(draft, { rule, context, macs, made, converted })),
    recomputable: true,
    drawsRandom: typeof rule?.random === 'function' ? rule.random(context) : rule?.random === true,
  });
  return { operator: index, rule, context, kind: 'compute', node, saved, macs };
}

const nothingConverted: ReadonlyMap<number, ValueId> = new Map();

/**
 * By input, the copy that eager PyTorch makes of it: in another type or another layout. The kernel reads it and autograd
 * keeps it. Autocast casts a weight once and uses that copy until the step ends.
 */
function convertInputs(
  draft: StepDraft,
  rule: OperatorRule | undefined,
  context: StepContext,
  castWeights: Map<ValueId, ValueId>,
  make: (what: string, bytes: number) => ValueId,
): ReadonlyMap<number, ValueId> {
  const { operator } = context;
  const casts = castInputs(draft, operator, rule);
  const copies = rule?.copies?.(context) ?? [];
  if (casts.length === 0 && copies.length === 0) return nothingConverted;
  const converted = new Map<number, ValueId>();
  for (const { input, bytes } of casts) {
    const tensor = operator.inputs[input];
    const source = draft.storage[tensor];
    // Of weights, those that require a gradient (aten/src/ATen/autocast_mode.cpp, cached_cast).
    const isFrozen = draft.workload.mode === 'training' && !draft.gradientNeeded[tensor];
    const isWeight = draft.tensors[tensor]?.role === 'parameter' && !isFrozen;
    const cached = isWeight ? castWeights.get(source) : undefined;
    const cast = cached ?? make(`cast of input ${input}`, bytes);
    if (isWeight) castWeights.set(source, cast);
    // The cache is cleared at the end of autocast, which is the end of a forward pass without gradients.
    if (isWeight && draft.workload.mode === 'inference') draft.builder.keepToEnd(cast);
    converted.set(input, cast);
  }
  for (const { input, bytes } of copies) {
    // What was cast is copied in its new type.
    const cast = casts.find((candidate) => candidate.input === input);
    const factor = cast ? cast.bytes / draft.tensors[operator.inputs[input]]!.bytes : 1;
    converted.set(input, make(`copy of input ${input}`, bytes * factor));
  }
  return converted;
}

/** Inputs that autocast converts before the operator runs, with the size of the converted copy. */
export function castInputs(
  draft: StepDraft,
  operator: Operator,
  rule: OperatorRule | undefined,
): { input: number; bytes: number }[] {
  const { halfType } = draft;
  const policy = autocastPolicy(rule, draft.workload.semantics);
  if (!halfType || policy === 'promote' || policy === 'first' || operator.type === 'Cast') return [];
  const wanted = policy === 'half' ? halfType : 'float32';
  const casts: { input: number; bytes: number }[] = [];
  operator.inputs.forEach((id, input) => {
    const tensor = draft.tensors[id];
    if (!tensor || draft.storage[id] < 0 || !isAutocastable(tensor.dtype) || tensor.dtype === wanted) return;
    casts.push({ input, bytes: bytesOf(wanted, tensor.elements) });
  });
  return casts;
}

/**
 * Element-wise results keep the order of axes of their first operand of full size, without its gaps (TensorIterator,
 * reorder_dimensions); others are contiguous.
 */
function resultStrides(
  draft: StepDraft,
  operator: Operator,
  rule: OperatorRule | undefined,
  output: number,
): readonly number[] {
  const shape = draft.tensors[output]!.shape;
  const own = output === operator.outputs[0] ? rule?.resultStrides?.(contextOf(draft, operator)) : undefined;
  if (own) return own;
  const elementwise = !rule?.macs && (rule?.autocast ?? 'promote') === 'promote';
  for (const id of elementwise ? operator.inputs : []) {
    const tensor = draft.tensors[id];
    if (!tensor?.strides || tensor.shape.length !== shape.length) continue;
    const isFull = tensor.shape.every((size, axis) => size === shape[axis]);
    if (isFull && tensor.strides.every((stride, axis) => stride > 0 || shape[axis] === 1))
      return denseStrides(shape, tensor.strides);
  }
  return contiguousStrides(shape);
}

/** The storages autograd keeps; nothing when no gradient flows through the operator. */
function savedValues(
  draft: StepDraft,
  operator: Operator,
  rule: OperatorRule | undefined,
  context: StepContext,
  converted: ReadonlyMap<number, ValueId>,
  make: (what: string, bytes: number) => ValueId,
): ValueId[] {
  if (!operator.outputs.some((id) => id >= 0 && draft.gradientNeeded[id])) return [];
  const saved: ValueId[] = [];
  // Without a rule, assume the common case of an operator that needs its inputs.
  const kept = rule ? (rule.saves?.(context) ?? {}) : { inputs: floatingInputs(draft, operator) };
  for (const index of kept.inputs ?? []) {
    const value = converted.get(index) ?? draft.storage[operator.inputs[index] ?? -1] ?? -1;
    if (value >= 0) saved.push(value);
  }
  for (const index of kept.outputs ?? []) {
    const output = operator.outputs[index] ?? -1;
    if (output >= 0 && draft.storage[output] >= 0) saved.push(draft.storage[output]);
  }
  for (const { name, bytes } of kept.extra ?? []) if (bytes > 0) saved.push(make(name, bytes));
  return saved.length > 1 ? [...new Set(saved)] : saved;
}

function floatingInputs(draft: StepDraft, operator: Operator): number[] {
  return operator.inputs.flatMap((id, index) =>
    isFloat(draft.tensors[id]?.dtype ?? 'undefined') ? [index] : [],
  );
}
