import type { Diagnostic } from '../base/diagnostic';
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
  return [...names].map((name) => {
    const usual = assumptions.find(([pattern]) => pattern.test(name))?.[1] ?? 1;
    const { least, most } = graph.ranges?.get(name) ?? { least: 1, most: Infinity };
    return { name, assumed: Math.max(1, least, Math.min(usual, most)) };
  });
}

/** Sizes that the program was not exported for: what it does with them is taken to be the same. */
export function outsideRange(graph: ModelGraph, bindings: Readonly<Record<string, number>>): Diagnostic[] {
  return [...(graph.ranges ?? [])].flatMap(([name, { least, most }]): Diagnostic[] => {
    const size = bindings[name];
    if (size === undefined || (size >= least && size <= most)) return [];
    return [
      {
        severity: 'warning',
        code: 'outside-range',
        message: `Dimension ${name} is ${size}; the program was exported for ${least} to ${most}. It is taken to do the same with it.`,
      },
    ];
  });
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
