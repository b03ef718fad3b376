import { sequenceOf, pagingActions, type Return, type Returns } from './pagingPlan';
import type { PagingProblem } from './pagingProblem';
import { fits, replayPaging } from './replayPaging';
import { returnChains } from './returnChains';

/** Joules that differ by less than this share are the same: what solvers leave. */
export const sameJ = 1e-6;

/**
 * A plan no dearer than one that fits: nothing that comes back at positions `from` to `to` can be left out, computed again
 * (with what that needs) or fetched instead for less.
 */
export function improveReturns(
  problem: PagingProblem,
  start: Returns,
  from = 0,
  to = problem.count - 1,
): Returns {
  let best = start;
  let bestJ = returnsJ(problem, best);
  const take = (returns: Returns): boolean => {
    const joules = returnsJ(problem, returns);
    // More than what rounding leaves.
    if (joules >= bestJ * (1 - 1e-12)) return false;
    if (!fits(problem, replayPaging(problem, pagingActions(problem, returns)))) return false;
    best = returns;
    bestJ = joules;
    return true;
  };
  for (let isBetter = true; isBetter;) {
    isBetter = false;
    for (let position = to; position >= from; position--) {
      for (let index = best[position].length - 1; index >= 0; index--) {
        const row = best[position];
        const isTaken = others(problem, best, position, index).some((those) =>
          take(best.with(position, [...row.slice(0, index), ...those, ...row.slice(index + 1)])),
        );
        isBetter ||= isTaken;
        index = Math.min(index, best[position].length);
      }
    }
  }
  return best;
}

/** What returns take beyond computing everything once, J. */
export function returnsJ({ count, energy }: PagingProblem, returns: Returns): number {
  const isStored = new Uint8Array(count);
  let joules = 0;
  for (const row of returns) {
    for (const [how, node] of row) {
      const { computeJ, pageInJ, pageOutJ } = energy[node];
      joules += how === 'compute' ? computeJ : pageInJ;
      if (how === 'in' && !isStored[node]) joules += pageOutJ;
      if (how === 'in') isStored[node] = 1;
    }
  }
  return joules;
}

/** What one return could be replaced by. */
function others(problem: PagingProblem, returns: Returns, position: number, index: number): Return[][] {
  const [how, node] = returns[position][index];
  const events = sequenceOf(problem, returns);
  const before = returns.slice(0, position).reduce((sum, row) => sum + row.length, position);
  const chains = returnChains(problem, events, before + index + 1, node);
  return [[], ...(how === 'compute' ? [[['in', node] satisfies Return]] : []), ...chains];
}
