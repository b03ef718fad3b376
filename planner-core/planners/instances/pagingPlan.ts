import type { PagingProblem } from './pagingProblem';
import type { PagingAction } from './replayPaging';

/** How a result comes to be in memory. */
export type Return = readonly [how: 'in' | 'compute', node: number];

/** By position: what comes back just before the computation there, in this order. */
export type Returns = readonly (readonly Return[])[];

/** Everything that puts a result into memory, first computations included. */
export function sequenceOf({ count }: PagingProblem, returns: Returns): Return[] {
  return Array.from({ length: count }, (_, position): Return[] => [
    ...returns[position],
    ['compute', position],
  ]).flat();
}

/**
 * The actions that returns mean: a result stays from when it comes to be in memory until it is last read before it comes
 * back; to storage it goes, where it is ever fetched, right after it was made. Whatever the returns, the actions can be
 * done; what they leave to choose is memory and joules.
 */
export function pagingActions(problem: PagingProblem, returns: Returns): PagingAction[] {
  const events = sequenceOf(problem, returns);
  const isFetched = new Uint8Array(problem.count);
  for (const [how, node] of events) if (how === 'in') isFetched[node] = 1;
  // Backwards: is the next event of a result a use?
  const isWanted = new Uint8Array(problem.count);
  const frees: number[][] = [];
  for (let at = events.length - 1; at >= 0; at--) {
    const [how, node] = events[at];
    frees[at] = isWanted[node] ? [] : [node];
    isWanted[node] = 0;
    if (how === 'in') continue;
    for (const read of problem.inputs[node]) {
      if (!isWanted[read]) frees[at].push(read);
      isWanted[read] = 1;
    }
  }
  const isMade = new Uint8Array(problem.count);
  const actions: PagingAction[] = [];
  events.forEach(([how, node], at) => {
    actions.push([how, node]);
    if (isFetched[node] && !isMade[node]) actions.push(['out', node]);
    isMade[node] = 1;
    for (const freed of frees[at]) actions.push(['free', freed]);
  });
  return actions;
}
