import type { Diagnostic } from '../base/diagnostic';
import { HeadroomError } from '../base/errors';
import type { ModelGraph } from '../graph/modelGraph';
import { inferTensors } from '../operators/inferTensors';
import { boundDimensions } from '../step/dimensions';
import type { Workload } from '../step/workload';

/** Of a diagnostic of sizes that do not go together. */
const mismatchCode = 'shape-mismatch';
/** Models like multiples of these: heads, windows, strides. */
const units = [2, 4, 8, 16, 32, 64];
/** So many times a size is halved or doubled in search of one that the model takes. */
const halvings = 20;
const doublings = 6;

type Sizes = Readonly<Record<string, number>>;

/**
 * Throws 'bad-workload' when the model cannot run at a size that the workload gives, naming the operator, and a size it can run at.
 * A file that contradicts itself at every size, or only at sizes that were assumed, is let through: its diagnostics say so.
 * `diagnostics`: of the step that was built.
 */
export function requireTakenSizes(
  graph: ModelGraph,
  { dims, kvCacheTokens }: Workload,
  diagnostics: readonly Diagnostic[],
): void {
  if (!diagnostics.some(({ code }) => code === mismatchCode)) return;
  const isBroken = new Set(mismatches(graph, {}).map(({ node }) => node));
  const refusalOf = (sizes: Sizes): Diagnostic | undefined =>
    mismatches(graph, sizes).find(({ node }) => !isBroken.has(node));
  const { bindings } = boundDimensions(graph, { dims, kvCacheTokens });
  const refusal = refusalOf(bindings);
  if (!refusal) return;
  const assumed = boundDimensions(graph, { dims: {}, kvCacheTokens }).bindings;
  const taken = takenSizes(graph, dims, bindings, refusalOf) ?? (refusalOf(assumed) ? undefined : assumed);
  if (!taken) return;
  const changed = Object.keys(dims).filter((name) => (taken[name] ?? dims[name]) !== dims[name]);
  const listed = (sizes: Sizes): string => changed.map((name) => `${name} ${sizes[name]}`).join(', ');
  throw new HeadroomError(
    'bad-workload',
    `The model does not take ${listed(dims)}: ${refusal.message}`,
    `It takes ${listed(taken)}.`,
    { node: refusal.node },
  );
}

/** Sizes near the given ones that the model takes together; undefined where none are found. `bindings`: with those assumed. */
function takenSizes(
  graph: ModelGraph,
  given: Sizes,
  bindings: Sizes,
  refusalOf: (sizes: Sizes) => Diagnostic | undefined,
): Sizes | undefined {
  const sizes: Record<string, number> = Object.fromEntries(
    Object.entries(bindings).filter(([name]) => !Object.hasOwn(given, name)),
  );
  // With everything that was given left open it does not fit either: nobody's choice of sizes is what is wrong.
  if (refusalOf(sizes)) return undefined;
  const own = ownSizes(graph);
  for (const [name, size] of Object.entries(given)) {
    const takes = (tried: number): boolean => !refusalOf({ ...sizes, [name]: tried });
    const taken = takes(size) ? size : nearestTaken(size, [...own, ...Object.values(sizes)], takes);
    if (taken === undefined) return undefined;
    sizes[name] = taken;
  }
  return sizes;
}

/** Sizes of what the file holds: weights, tables of positions, masks. */
function ownSizes({ tensors }: ModelGraph): number[] {
  const held = tensors.filter(({ role }) => role !== 'activation' && role !== 'input');
  return [...new Set(held.flatMap(({ shape }) => (shape ?? []).filter((dim) => typeof dim === 'number')))];
}

function mismatches(graph: ModelGraph, sizes: Sizes): Diagnostic[] {
  return inferTensors(graph, sizes).diagnostics.filter(({ code }) => code === mismatchCode);
}

/** A size near one that is not taken, rather below it; undefined where none is found. `others`: sizes to try, too. */
function nearestTaken(
  size: number,
  others: readonly number[],
  takes: (size: number) => boolean,
): number | undefined {
  const below = [
    ...others,
    ...units.map((unit) => Math.floor(size / unit) * unit),
    ...Array.from({ length: halvings }, (_, i) => Math.floor(size / 2 ** (i + 1))),
  ];
  const low = candidates(below, (tried) => tried > 0 && tried < size)
    .reverse()
    .find(takes);
  if (low !== undefined) return lastTaken(low, size, takes);
  const above = [
    ...others,
    ...units.map((unit) => Math.ceil(size / unit) * unit),
    ...Array.from({ length: doublings }, (_, i) => size * 2 ** (i + 1)),
  ];
  return candidates(above, (tried) => tried > size).find(takes);
}

const candidates = (sizes: readonly number[], isWanted: (size: number) => boolean): number[] =>
  [...new Set(sizes.filter(isWanted))].sort((a, b) => a - b);

/** The last size taken before one that is not, by bisection between a size that is taken and one that is not. */
function lastTaken(low: number, high: number, takes: (size: number) => boolean): number {
  let [taken, refused] = [low, high];
  while (refused - taken > 1) {
    const middle = (taken + refused) >> 1;
    if (takes(middle)) taken = middle;
    else refused = middle;
  }
  return taken;
}
