import { HeadroomError } from '../../base/errors';
import type { PagingProblem } from './pagingProblem';

/** One thing to do; nodes by position. */
export type PagingAction = readonly [op: 'compute' | 'free' | 'out' | 'in', node: number];

/** What a sequence of actions takes. */
export interface PagingCost {
  readonly peakBytes: number;
  readonly computeJ: number;
  readonly pagingJ: number;
  readonly timeMs: number;
}

/** Executes actions one after the other. Throws 'check-failed' for what cannot be done. */
export function replayPaging(problem: PagingProblem, actions: readonly PagingAction[]): PagingCost {
  const { bytes, energy, timeMs, inputs, count } = problem;
  const inMemory = new Uint8Array(count);
  const inStorage = new Uint8Array(count);
  let liveBytes = 0;
  let peakBytes = 0;
  let computeJ = 0;
  let pagingJ = 0;
  let totalMs = 0;
  const need = (holds: boolean, what: string): void => {
    if (!holds) throw new HeadroomError('check-failed', `Invalid schedule: ${what}.`);
  };
  const take = (node: number): void => {
    if (inMemory[node]) return;
    inMemory[node] = 1;
    liveBytes += bytes[node];
    peakBytes = Math.max(peakBytes, liveBytes);
  };
  for (const [op, node] of actions) {
    if (op === 'compute') {
      for (const read of inputs[node])
        need(inMemory[read] === 1, `${node} reads ${read}, which is not there`);
      take(node);
      computeJ += energy[node].computeJ;
      totalMs += timeMs[node];
    } else if (op === 'in') {
      need(inStorage[node] === 1, `${node} is fetched but not in storage`);
      take(node);
      pagingJ += energy[node].pageInJ;
    } else {
      need(inMemory[node] === 1, `${node} is not there`);
      if (op === 'out') {
        inStorage[node] = 1;
        pagingJ += energy[node].pageOutJ;
      } else {
        inMemory[node] = 0;
        liveBytes -= bytes[node];
      }
    }
  }
  return { peakBytes, computeJ, pagingJ, timeMs: totalMs };
}

/**
 * The actions that a choice for each gap means: `back[i]` says how gap i's result comes back, undefined where it stays.
 * What comes back does so just before its use, in the order of positions, so that one can be computed from another.
 */
export function pagingActions(
  { count, inputs }: PagingProblem,
  gaps: readonly { node: number; after: number; until: number }[],
  back: readonly ('in' | 'compute' | undefined)[],
): PagingAction[] {
  const leaves: PagingAction[][] = Array.from({ length: count }, () => []);
  const returns: PagingAction[][] = Array.from({ length: count }, () => []);
  const stored = new Uint8Array(count);
  gaps.forEach(({ node, after, until }, i) => {
    const how = back[i];
    if (!how) return;
    // Wherever it is fetched later, it goes to storage the first time it leaves.
    const isFetched = gaps.some((gap, at) => gap.node === node && back[at] === 'in');
    if (isFetched && !stored[node]) leaves[after].push(['out', node]);
    stored[node] = 1;
    leaves[after].push(['free', node]);
    returns[until].push([how, node]);
  });
  const last = Int32Array.from({ length: count }, (_, node) => node);
  inputs.forEach((reads, position) => reads.forEach((node) => (last[node] = Math.max(last[node], position))));
  const actions: PagingAction[] = [];
  for (let position = 0; position < count; position++) {
    actions.push(...returns[position].sort((a, b) => a[1] - b[1]), ['compute', position]);
    actions.push(...leaves[position]);
    for (const node of new Set([position, ...inputs[position]]))
      if (last[node] === position) actions.push(['free', node]);
  }
  return actions;
}
