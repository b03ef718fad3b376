import { sequenceOf, type Return, type Returns } from './pagingPlan';
import type { PagingProblem } from './pagingProblem';
import { chainJ, returnChains } from './returnChains';

/** What is computed again may take room that something else must make: after this many for each result, fetches alone. */
const repairsAResult = 3;

/**
 * Has results come back until the plan fits the memory: of what is idle while most is in use, the least dear for its
 * bytes, fetched or, where time is left, computed again just before its next use. Ends with a plan that fits the memory
 * whenever the largest computation with its inputs does. `chance`: with it, what is dear is blurred.
 */
export function fitReturns(problem: PagingProblem, start: Returns, chance?: () => number): Returns {
  const { bytes, count, energy, inputs, timeMs } = problem;
  const events = sequenceOf(problem, start);
  const msOf = (those: readonly Return[]): number =>
    those.reduce((sum, [how, node]) => sum + (how === 'in' ? 0 : timeMs[node]), 0);
  let spareMs = problem.limitMs - msOf(events);
  const isStored = new Uint8Array(count);
  for (const [how, node] of events) if (how === 'in') isStored[node] = 1;
  for (let repairs = 0; ; repairs++) {
    const { at, idle } = highest(problem, events);
    if (idle === undefined) return returnsOf(problem, events);
    let least = Infinity;
    let use = 0;
    let chosen: Return[] = [];
    for (const node of idle) {
      const next = events.findIndex(
        ([how, other], i) => i > at && how === 'compute' && inputs[other].includes(node),
      );
      const { pageInJ, pageOutJ, computeJ } = energy[node];
      let joules = pageInJ + (isStored[node] ? 0 : pageOutJ);
      let way: Return[] = [['in', node]];
      if (computeJ < joules && repairs < repairsAResult * count) {
        const chain = returnChains(problem, events, next, node).at(-1)!;
        const chainJoules = chainJ(problem, chain);
        if (chainJoules < joules && msOf(chain) <= spareMs) [joules, way] = [chainJoules, chain];
      }
      const dearness = (joules / bytes[node]) * (chance ? 0.5 + chance() : 1);
      if (dearness < least) [least, use, chosen] = [dearness, next, way];
    }
    events.splice(use, 0, ...chosen);
    spareMs -= msOf(chosen);
    for (const [how, node] of chosen) if (how === 'in') isStored[node] = 1;
  }
}

/** The event with the most memory, and what is idle then and has bytes; no `idle` when the budget holds or nothing can go. */
function highest(
  { bytes, budgetBytes, count, inputs }: PagingProblem,
  events: readonly Return[],
): { at: number; idle?: number[] } {
  const isWanted = new Uint8Array(count);
  let wantedBytes = 0;
  const want = (node: number, wanted: 0 | 1): void => {
    wantedBytes += (wanted - isWanted[node]) * bytes[node];
    isWanted[node] = wanted;
  };
  let most = budgetBytes;
  let found: { at: number; idle?: number[] } = { at: -1 };
  for (let at = events.length - 1; at >= 0; at--) {
    const [how, node] = events[at];
    const reads = how === 'in' ? [] : inputs[node];
    // While the event runs: what is wanted after it, itself and what it reads.
    const after = isWanted[node] ? wantedBytes : wantedBytes + bytes[node];
    const memory = reads.reduce((sum, read) => (isWanted[read] ? sum : sum + bytes[read]), after);
    if (memory > most) {
      const idle: number[] = [];
      isWanted.forEach((wanted, other) => {
        if (wanted && other !== node && bytes[other] > 0 && !reads.includes(other)) idle.push(other);
      });
      if (idle.length > 0) {
        most = memory;
        found = { at, idle };
      }
    }
    want(node, 0);
    for (const read of reads) want(read, 1);
  }
  return found;
}

/** Each first computation ends the row of its position. */
function returnsOf({ count }: PagingProblem, events: readonly Return[]): Returns {
  const rows: Return[][] = Array.from({ length: count }, () => []);
  let position = 0;
  for (const event of events) {
    if (event[0] === 'compute' && event[1] === position) position++;
    else rows[position].push(event);
  }
  return rows;
}
