import { isFloat } from '../graph/dtype';
import type { Operator } from '../graph/modelGraph';
import type { OperatorRule } from '../operators/rule';
import { costOf, trafficOnly, type StepDraft } from './draft';
import { Phase, ValueKind } from './stepGraph';

/**
 * Makes the tensors that a program writes out, such as zeros to begin with, where an operator reads them first: eager
 * PyTorch computes them in every forward pass, and keeps them like any other result.
 */
export function makeConstants(
  draft: StepDraft,
  operator: Operator,
  index: number,
  rule: OperatorRule | undefined,
): void {
  operator.inputs.forEach((id, input) => {
    const isMissing = id >= 0 && draft.graph.tensors[id].role === 'constant' && draft.storage[id] < 0;
    const tensor = draft.tensors[id];
    if (!isMissing || !tensor || isNumber(draft, id) || isNotATensor(operator, rule, input)) return;
    const { name } = draft.graph.tensors[id];
    const value = draft.builder.value({ name, bytes: tensor.bytes, kind: ValueKind.activation });
    draft.storage[id] = value;
    draft.builder.node({
      name,
      phase: Phase.forward,
      operator: index,
      module: operator.module,
      inputs: [],
      outputs: [value],
      workspaceBytes: 0,
      ...costOf(draft, trafficOnly(tensor.bytes)),
      recomputable: true,
    });
  });
}

/** A constant of the graph that is a number, a size or an index in the eager program, not a tensor on the device. */
function isNumber({ tensors }: StepDraft, id: number): boolean {
  return tensors[id]!.elements <= 1 || !isFloat(tensors[id]!.dtype);
}

/** Norms whose scale and shift ONNX demands and PyTorch does not. */
const norms = new Set(['InstanceNormalization', 'GroupNormalization', 'LayerNormalization']);

/** What the host reads, and the ones and zeros exporters give to norms that have no parameters. */
const isNotATensor = ({ type }: Operator, rule: OperatorRule | undefined, input: number): boolean =>
  rule?.hostInputs?.includes(input) === true ||
  rule?.shapeOnlyInputs?.includes(input) === true ||
  (norms.has(type) && input > 0);
