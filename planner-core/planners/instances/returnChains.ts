import type { Return } from './pagingPlan';
import type { PagingProblem } from './pagingProblem';

/** A result is computed again from results that are themselves computed again for it, this many deep. */
const deepest = 6;

/**
 * Ways to compute a result again just before `events[at]`, with more and more of what it needs computed again for it too;
 * what is there anyway never is. The last one needs nothing else to stay, if `deepest` is enough for that.
 */
export function returnChains(
  { inputs }: PagingProblem,
  events: readonly Return[],
  at: number,
  node: number,
): Return[][] {
  const known = new Map<number, boolean>();
  /** Is the next event of a result a use? */
  const isThere = (result: number): boolean => {
    const before = known.get(result);
    if (before !== undefined) return before;
    const next = events.findIndex(
      ([how, other], i) =>
        i >= at && (other === result || (how === 'compute' && inputs[other].includes(result))),
    );
    const answer = next >= 0 && events[next][1] !== result;
    known.set(result, answer);
    return answer;
  };
  const chains: Return[][] = [];
  for (let depth = 0; depth <= deepest; depth++) {
    const chain: Return[] = [];
    const add = (result: number, left: number): void => {
      if (chain.some(([, other]) => other === result)) return;
      if (left > 0) for (const read of inputs[result]) if (!isThere(read)) add(read, left - 1);
      chain.push(['compute', result]);
    };
    add(node, depth);
    if (depth > 0 && chain.length === chains[depth - 1].length) break;
    chains.push(chain);
  }
  return chains;
}

/** What a chain takes, J. */
export function chainJ({ energy }: PagingProblem, chain: readonly Return[]): number {
  return chain.reduce(
    (sum, [how, node]) => sum + (how === 'in' ? energy[node].pageInJ : energy[node].computeJ),
    0,
  );
}
