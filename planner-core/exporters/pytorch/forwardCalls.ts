import type { ModelGraph, Operator, TensorId } from '../../graph/modelGraph';
import { Phase, type NodeId, type StepGraph, type ValueId } from '../../step/stepGraph';

/** A call that PyTorch makes in the forward pass. */
export interface ForwardCall {
  readonly operator: Operator;
  /** The computation of the step that does it; that of an earlier call where this one writes over its result. */
  readonly node: NodeId;
  /** The storage its first result is in. */
  readonly writes: ValueId;
}

/**
 * The calls of some forward computations in the order of the program, those included that overwrite a result and have no
 * node of their own.
 */
export function forwardCalls(
  graph: ModelGraph,
  step: StepGraph,
  isAsked: (node: NodeId) => boolean,
): ForwardCall[] {
  const calls: (ForwardCall & { readonly order: number })[] = [];
  const over = operatorsWithoutNode(graph, step);
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward || !isAsked(node)) continue;
    const writes = valueWritten(graph, step, node);
    // What is written out, like zeros to begin with, is an argument of the operator, not its call.
    if (writes === undefined || isWrittenOut(step, node)) continue;
    let order: number | undefined = step.nodeOperator[node];
    while (order !== undefined) {
      const operator: Operator = graph.operators[order];
      calls.push({ operator, node, writes, order });
      order = over.get(operator.outputs[0]);
    }
  }
  return calls.sort((a, b) => a.order - b.order);
}

/** Tensors that a later computation writes over; `types`: only those of one of these types. */
export function changedLater(
  graph: ModelGraph,
  step: StepGraph,
  types?: ReadonlySet<string>,
): ReadonlySet<TensorId> {
  const changing = operatorsWithNode(step);
  const changed = new Set<TensorId>();
  graph.operators.forEach(({ overwrites, type, inputs }, index) => {
    if (overwrites && (!types || types.has(type)) && changing.has(index)) changed.add(inputs[0]);
  });
  return changed;
}

/** By tensor, the operator that writes over it within the computation that made it. */
function operatorsWithoutNode(graph: ModelGraph, step: StepGraph): ReadonlyMap<TensorId, number> {
  const withNode = operatorsWithNode(step);
  const found = new Map<TensorId, number>();
  graph.operators.forEach(({ overwrites, inputs }, index) => {
    if (overwrites && !withNode.has(index)) found.set(inputs[0], index);
  });
  return found;
}

/** Operators that are computations of their own in the forward pass. */
const operatorsWithNode = ({ nodeOperator, nodePhase }: StepGraph): ReadonlySet<number> =>
  new Set(nodeOperator.filter((_, node) => nodePhase[node] === Phase.forward));

/** Where the operator's own result is: before it stand the casts of its inputs. */
function valueWritten(graph: ModelGraph, step: StepGraph, node: NodeId): ValueId | undefined {
  const { outputs, updates } = step;
  const made = outputs.items.subarray(outputs.offsets[node], outputs.offsets[node + 1]);
  const result = graph.tensors[graph.operators[step.nodeOperator[node]]?.outputs[0]]?.name;
  const named = made.find((value) => step.valueName[value] === result);
  return named ?? made[0] ?? updates.items.subarray(updates.offsets[node], updates.offsets[node + 1])[0];
}

const isWrittenOut = ({ inputs, updates }: StepGraph, node: NodeId): boolean =>
  inputs.offsets[node] === inputs.offsets[node + 1] && updates.offsets[node] === updates.offsets[node + 1];
