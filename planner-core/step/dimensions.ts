import type { Diagnostic } from '../base/diagnostic';
import { symbolsOf } from '../graph/dim';
import type { ModelGraph } from '../graph/modelGraph';
import { pastDimensions, totalDimension } from './kvCache/pastDimensions';
import type { Workload } from './workload';

/** A named dimension of the model's inputs and the size taken when the workload does not give one. */
export interface FreeDimension {
  readonly name: string;
  readonly assumed: number;
  /** Counts the tokens of the key-value cache that the file takes as inputs. */
  readonly countsPast?: true;
  /** Counts what these count together; taken as their sum where nobody says otherwise. */
  readonly sumOf?: readonly (string | number)[];
}

/** What a workload says of sizes. */
export type GivenSizes = Pick<Workload, 'dims' | 'kvCacheTokens'>;

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
  const past = pastDimensions(graph);
  const total = totalDimension(graph);
  const free = [...names].map((name): FreeDimension => {
    const usual = assumptions.find(([pattern]) => pattern.test(name))?.[1] ?? 1;
    const { least, most } = graph.ranges?.get(name) ?? { least: 1, most: Infinity };
    const assumed = Math.max(1, least, Math.min(usual, most));
    return {
      ...{ name, assumed },
      ...(past.has(name) && { countsPast: true }),
      ...(name === total?.name && { sumOf: total.sumOf }),
    };
  });
  const sizes = sizesOf(free, { dims: {}, kvCacheTokens: 0 });
  return free.map((dimension) => ({ ...dimension, assumed: sizes.get(dimension.name)! }));
}

/** Does the workload leave a dimension open? */
export const isAssumed = (
  { name, countsPast }: FreeDimension,
  { dims, kvCacheTokens }: GivenSizes,
): boolean => !Object.hasOwn(dims, name) && !(countsPast && kvCacheTokens > 0);

/** Size of every dimension: the workload's, else the sum of those it counts together, else the assumed one. */
export function sizesOf(dimensions: readonly FreeDimension[], given: GivenSizes): Map<string, number> {
  const sizes = new Map(
    dimensions.map((dimension): [string, number] => [
      dimension.name,
      isAssumed(dimension, given) ? dimension.assumed : (given.dims[dimension.name] ?? given.kvCacheTokens),
    ]),
  );
  for (const dimension of dimensions)
    if (dimension.sumOf && isAssumed(dimension, given))
      sizes.set(dimension.name, sumOf(dimension.sumOf, sizes));
  return sizes;
}

const sumOf = (parts: readonly (string | number)[], sizes: ReadonlyMap<string, number>): number =>
  parts.reduce<number>((sum, part) => sum + (typeof part === 'number' ? part : (sizes.get(part) ?? 0)), 0);

/**
 * The workload's sizes with one of them changed. A size that was given for the sum of it and others is left out: it
 * would contradict the new one.
 */
export function resized(
  dimensions: readonly FreeDimension[],
  dims: Readonly<Record<string, number>>,
  name: string,
  size: number,
): Record<string, number> {
  const kept = Object.entries(dims).filter(
    ([other]) => !dimensions.find((dimension) => dimension.name === other)?.sumOf?.includes(name),
  );
  return { ...Object.fromEntries(kept), [name]: size };
}

/** Sizes given for a sum and its parts that do not add up: computed as given, but no run has them. */
function contradictingSums(
  dimensions: readonly FreeDimension[],
  sizes: ReadonlyMap<string, number>,
): Diagnostic[] {
  return dimensions.flatMap(({ name, sumOf: parts }): Diagnostic[] => {
    const sum = parts && sumOf(parts, sizes);
    if (!parts || sum === sizes.get(name)) return [];
    return [
      {
        severity: 'warning',
        code: 'sizes-contradict',
        message: `Dimension ${name} is ${sizes.get(name)}, but ${parts.join(' + ')} is ${sum}. Leave ${name} out to have it follow.`,
      },
    ];
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
  given: GivenSizes,
): { bindings: Record<string, number>; assumed: FreeDimension[]; diagnostics: Diagnostic[] } {
  const free = freeDimensions(graph);
  const sizes = sizesOf(free, given);
  const assumed = free
    .filter((dimension) => isAssumed(dimension, given))
    .map((dimension) => ({ ...dimension, assumed: sizes.get(dimension.name)! }));
  const bindings = { ...Object.fromEntries(sizes), ...given.dims };
  return { bindings, assumed, diagnostics: contradictingSums(free, sizes) };
}
