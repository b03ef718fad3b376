import type { AttributeValue, ModelGraph, Operator, TensorId } from '../graph/modelGraph';
import { countOf } from './dims';
import { ruleOf } from './registry';
import type { TensorFacts } from './rule';

/**
 * Marks operators that only compute sizes. They follow from shapes and constants alone, and either give a single
 * number (a Python scalar in eager PyTorch) or are only read where the host reads: Reshape's shape, Slice's bounds.
 * A Range that indexes an embedding is a tensor on the device, although it follows from shapes.
 */
export function hostOperators(graph: ModelGraph, facts: readonly (TensorFacts | undefined)[]): Uint8Array {
  const derived = derivedOperators(graph);
  const readOnDevice = new Uint8Array(graph.tensors.length);
  for (const output of graph.outputs) if (output >= 0) readOnDevice[output] = 1;
  const host = new Uint8Array(graph.operators.length);
  for (let index = graph.operators.length - 1; index >= 0; index--) {
    const operator = graph.operators[index];
    const onHost =
      derived[index] === 1 &&
      operator.outputs.every((id) => id < 0 || !readOnDevice[id] || isScalar(facts[id]));
    if (onHost) host[index] = 1;
    else markDeviceReads(operator, readOnDevice);
  }
  return host;
}

const isScalar = (facts: TensorFacts | undefined): boolean => countOf(facts?.shape) === 1;

/** Operators whose results follow from shapes and small constants, not from the model's inputs or parameters. */
function derivedOperators(graph: ModelGraph): Uint8Array {
  const derivedTensor = new Uint8Array(graph.tensors.length);
  for (const { id, role, elements } of graph.tensors) {
    if ((role === 'buffer' || role === 'constant') && elements) derivedTensor[id] = 1;
  }
  const derived = new Uint8Array(graph.operators.length);
  graph.operators.forEach((operator, index) => {
    const rule = ruleOf(operator);
    if (!rule || rule.random || hasBody(operator)) return;
    const follows = operator.inputs.every(
      (id, position) => id < 0 || derivedTensor[id] || rule.shapeOnlyInputs?.includes(position),
    );
    if (!follows) return;
    derived[index] = 1;
    for (const output of operator.outputs) if (output >= 0) derivedTensor[output] = 1;
  });
  return derived;
}

const isGraph = (value: AttributeValue): value is Extract<AttributeValue, { kind: 'graph' }> =>
  value.kind === 'graph';

function hasBody({ attributes }: Operator): boolean {
  for (const attribute of attributes.values()) if (isGraph(attribute)) return true;
  return false;
}

function markDeviceReads(operator: Operator, readOnDevice: Uint8Array): void {
  const rule = ruleOf(operator);
  const mark = (id: TensorId, position: number): void => {
    const onHost = rule?.hostInputs?.includes(position) || rule?.shapeOnlyInputs?.includes(position);
    if (id >= 0 && !onHost) readOnDevice[id] = 1;
  };
  operator.inputs.forEach(mark);
  for (const attribute of operator.attributes.values()) {
    if (!isGraph(attribute)) continue;
    for (const inner of attribute.value.operators) markDeviceReads(inner, readOnDevice);
    for (const output of attribute.value.outputs) if (output >= 0) readOnDevice[output] = 1;
  }
}
