import { symbolsOf } from '../graph/dim';
import type { ModelGraph } from '../graph/modelGraph';

/** A named dimension of the model's inputs and the size taken when the workload does not give one. */
export interface FreeDimension {
  readonly name: string;
  readonly assumed: number;
}

const batchName = /batch|^b$|^n$/i;

/** Does a dimension of this name count samples? */
export const isBatchDimension = (name: string): boolean => batchName.test(name);

/** Modest training sizes: what a person would try first. */
const assumptions: readonly (readonly [RegExp, number])[] = [
  [batchName, 8],
  [/seq|time|len|token|^t$|^s$/i, 512],
  [/height|width|^h$|^w$|size/i, 224],
];

/** The dimensions a workload must bind, in the order the inputs name them. */
export function freeDimensions(graph: ModelGraph): FreeDimension[] {
  const names = new Set<string>();
  for (const input of graph.inputs) {
    for (const dim of graph.tensors[input].shape ?? []) symbolsOf(dim, names);
  }
  return [...names].map((name) => ({
    name,
    assumed: assumptions.find(([pattern]) => pattern.test(name))?.[1] ?? 1,
  }));
}

/** Every free dimension with its size: the workload's, else the assumed one. */
export function boundDimensions(
  graph: ModelGraph,
  dims: Readonly<Record<string, number>>,
): { bindings: Record<string, number>; assumed: FreeDimension[] } {
  const free = freeDimensions(graph);
  const assumed = free.filter(({ name }) => !Object.hasOwn(dims, name));
  return { bindings: { ...Object.fromEntries(assumed.map((d) => [d.name, d.assumed])), ...dims }, assumed };
}
