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

export const joulesOf = ({ computeJ, pagingJ }: PagingCost): number => computeJ + pagingJ;

/** Does it keep the limits of memory and, but for rounding, of time? */
export function fits({ budgetBytes, limitMs }: PagingProblem, { peakBytes, timeMs }: PagingCost): boolean {
  return peakBytes <= budgetBytes && timeMs <= limitMs * (1 + 1e-9);
}
