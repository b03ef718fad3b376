import { ruleOf } from '../operators/registry';
import type { Operator } from '../graph/modelGraph';
import { contextOf, costOf, type ForwardRecord, type StepDraft } from './draft';
import { forwardWork } from './forwardWork';
import type { NodeId, ValueId } from './stepGraph';

/**
 * An operator that writes over its first input (`relu_`, `add_`) becomes further work of the node that made the input,
 * so that one storage holds both and computing it again does both. undefined where that would change what others see:
 * something has read the input or keeps it for backward, or another operand is made after it. Then the result has a
 * storage of its own, as if it were not written in place.
 */
export function overwrittenInput(
  draft: StepDraft,
  operator: Operator,
  index: number,
): ForwardRecord | undefined {
  if (!operator.overwrites) return undefined;
  const { builder, storage, tensors } = draft;
  const [input, ...others] = operator.inputs;
  const [output, ...more] = operator.outputs;
  const [source, result] = [tensors[input], tensors[output]];
  const target = storage[input];
  if (more.length > 0 || target < 0 || !source || source.bytes !== result?.bytes) return undefined;
  if (builder.bytesOf(target) !== source.bytes || builder.isRead(target)) return undefined;
  const node = builder.producerOf(target);
  if (node < 0 || isKept(draft, target, node)) return undefined;
  const operands = others.filter((id) => id >= 0 && storage[id] >= 0).map((id) => storage[id]);
  if (operands.includes(target) || operands.some((value) => builder.producerOf(value) >= node))
    return undefined;
  if (operands.length > 0 && !builder.isLast(node)) return undefined;
  const rule = ruleOf(operator);
  const context = contextOf(draft, operator);
  const isDifferentiated = draft.gradientNeeded[output] === 1;
  const saved = isDifferentiated ? (rule?.saves?.(context) ?? {}) : {};
  // What the formula reads of the input has to be copied first: no storage is saved.
  if (!rule || rule.random || saved.inputs?.includes(0) || saved.extra?.length) return undefined;

  for (const value of operands) builder.readByLast(value);
  const work = forwardWork(draft, { rule, context, macs: 0, made: [target], converted: new Map() });
  builder.extend(node, costOf(draft, work));
  storage[output] = target;
  tensors[output] = { ...result, strides: source.strides };
  const keptInputs = (saved.inputs ?? []).map((at) => storage[operator.inputs[at] ?? -1] ?? -1);
  const kept = [...keptInputs, ...(saved.outputs?.includes(0) ? [target] : [])].filter((value) => value >= 0);
  return { operator: index, rule, context, kind: 'compute', node, saved: [...new Set(kept)], macs: 0 };
}

/** Does the operator that made a value keep it for its own backward pass? */
function isKept({ records }: StepDraft, value: ValueId, node: NodeId): boolean {
  for (let i = records.length - 1; i >= 0 && (records[i].node < 0 || records[i].node >= node); i--) {
    if (records[i].saved.includes(value)) return true;
  }
  return false;
}
