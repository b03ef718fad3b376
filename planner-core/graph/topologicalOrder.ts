import { HeadroomError } from '../base/errors';
import type { Operator, TensorId } from './modelGraph';

/** Every tensor an operator needs before it can run: its inputs and what its subgraphs take from around them. */
function tensorsNeeded(operator: Operator): TensorId[] {
  const needed = operator.inputs.filter((id) => id >= 0);
  for (const attribute of operator.attributes.values()) {
    if (attribute.kind !== 'graph') continue;
    const { inputs, outputs, operators } = attribute.value;
    const own = new Set(inputs);
    for (const inner of operators) for (const id of inner.outputs) own.add(id);
    for (const inner of operators) for (const id of tensorsNeeded(inner)) if (!own.has(id)) needed.push(id);
    for (const id of outputs) if (id >= 0 && !own.has(id)) needed.push(id);
  }
  return needed;
}

/**
 * Operators in an order in which producers come before consumers: the given order where it is one already, else
 * Kahn's algorithm, first come first served. A cycle is 'cyclic-graph', naming an operator on it.
 */
export function topologicalOrder<T extends Operator>(operators: readonly T[]): readonly T[] {
  const producer = new Map<TensorId, number>();
  operators.forEach((operator, index) => {
    for (const id of operator.outputs) if (id >= 0) producer.set(id, index);
  });
  const isOrdered = operators.every((operator, index) =>
    tensorsNeeded(operator).every((id) => (producer.get(id) ?? -1) < index),
  );
  if (isOrdered) return operators;

  const producersOf = operators.map((operator) =>
    [...new Set(tensorsNeeded(operator))].flatMap((id) => producer.get(id) ?? []),
  );
  const consumersOf: number[][] = operators.map(() => []);
  const waitingFor = new Int32Array(operators.length);
  producersOf.forEach((producers, index) => {
    waitingFor[index] = producers.length;
    for (const other of producers) consumersOf[other].push(index);
  });
  const order: number[] = [];
  for (let index = 0; index < operators.length; index++) if (waitingFor[index] === 0) order.push(index);
  for (let at = 0; at < order.length; at++) {
    for (const consumer of consumersOf[order[at]]) {
      if (--waitingFor[consumer] === 0) order.push(consumer);
    }
  }
  if (order.length < operators.length) throw cycleError(operators, producersOf, waitingFor);
  return order.map((index) => operators[index]);
}

/** Every operator left waits for another one left: going from producer to producer ends up on a cycle. */
function cycleError(
  operators: readonly Operator[],
  producersOf: readonly (readonly number[])[],
  waitingFor: Int32Array,
): HeadroomError {
  const seen = new Set<number>();
  let at = waitingFor.findIndex((count) => count > 0);
  while (!seen.has(at)) {
    seen.add(at);
    at = producersOf[at].find((other) => waitingFor[other] > 0) ?? at;
  }
  const node = operators[at].name;
  return new HeadroomError(
    'cyclic-graph',
    `The graph has a cycle: "${node}" needs its own output.`,
    'A model graph must not have cycles: export the model again.',
    { node },
  );
}
