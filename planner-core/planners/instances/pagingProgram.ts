import { appendTo } from '../../base/groups';
import { LinearProgramBuilder, type LinearProgram } from '../../solvers/linearProgram';
import type { Return, Returns } from './pagingPlan';
import { memoryKept, type PagingGap, type PagingProblem } from './pagingProblem';

/** Columns of a paging program: two for each gap, then one for each node that has any. */
export interface PagingProgram {
  readonly program: LinearProgram;
  /** By gap: the column that is 1 where the result is fetched from storage at its end. */
  readonly paged: readonly number[];
  /** By gap: 1 where it is computed again at its end; −1 where it cannot be. */
  readonly repeated: readonly number[];
}

/**
 * What to be absent in which gap, and how it comes back, for the least joules. At every position so many bytes must be
 * absent as there are over the budget. A result goes to storage once; a fetch costs each time.
 *
 * `isBound`: what is computed again needs nothing. Every valid plan is then a point of the program, so that what it costs
 * at least is proven for plans that compute for the first time in the order given. Else what is computed again reads what
 * is in memory at that moment: every point is a plan. Far smaller than POET's program (`PoetProgram`), which has five
 * binaries for each pair of nodes; what it has beyond are chains of recomputations, which `searchReturns` adds.
 */
export function pagingProgram(
  problem: PagingProblem,
  gaps: readonly PagingGap[],
  isBound: boolean,
): PagingProgram {
  const { bytes, energy, timeMs, inputs, budgetBytes, limitMs } = problem;
  const builder = new LinearProgramBuilder();
  const gapsOf = new Map<number, number[]>();
  gaps.forEach(({ node }, i) => appendTo(gapsOf, node, i));
  const paged = gaps.map(({ node }) => builder.binary(energy[node].pageInJ));
  const spanning = (node: number, position: number): number | undefined =>
    gapsOf.get(node)?.find((i) => gaps[i].after < position && position < gaps[i].until);
  const endsAt = (node: number, position: number): boolean => inputs[position].includes(node);
  const canRepeat = ({ node, until }: PagingGap): boolean =>
    isBound || inputs[node].every((read) => endsAt(read, until) || spanning(read, until) !== undefined);
  const repeated = gaps.map((gap) => (canRepeat(gap) ? builder.binary(energy[gap.node].computeJ) : -1));
  for (const [node, own] of gapsOf) {
    const stored = builder.binary(energy[node].pageOutJ);
    for (const i of own) builder.row([[paged[i], 1], [stored, -1]], -Infinity, 0); // prettier-ignore
  }
  gaps.forEach(({ node, until }, i) => {
    if (repeated[i] < 0) return;
    builder.row([[paged[i], 1], [repeated[i], 1]], -Infinity, 1); // prettier-ignore
    if (isBound) return;
    for (const read of inputs[node]) {
      const over = endsAt(read, until) ? undefined : spanning(read, until);
      if (over === undefined) continue;
      const away: [number, number][] = [[paged[over], 1]];
      if (repeated[over] >= 0) away.push([repeated[over], 1]);
      builder.row([...away, [repeated[i], 1]], -Infinity, 1);
    }
  });
  memoryKept(problem).forEach((kept, position) => {
    const excess = kept - budgetBytes;
    if (excess <= 0) return;
    const terms: [number, number][] = [];
    gaps.forEach(({ node, after, until }, i) => {
      if (after >= position || position >= until || bytes[node] === 0) return;
      // In units of the excess: what is more than all of it counts as all of it, which tightens the relaxation.
      const share = Math.min(1, bytes[node] / excess);
      terms.push([paged[i], share]);
      if (repeated[i] >= 0) terms.push([repeated[i], share]);
    });
    builder.row(terms, 1, Infinity);
  });
  const spareMs = limitMs - timeMs.reduce((sum, ms) => sum + ms, 0);
  const times = gaps.flatMap(({ node }, i): [number, number][] =>
    repeated[i] < 0 ? [] : [[repeated[i], timeMs[node]]],
  );
  if (times.length > 0 && spareMs < times.reduce((sum, [, ms]) => sum + ms, 0))
    builder.row(times, -Infinity, Math.max(0, spareMs));
  return { program: builder.build(), paged, repeated };
}

/** What comes back where at a point of the program. */
export function returnsAt(
  { count }: PagingProblem,
  gaps: readonly PagingGap[],
  { paged, repeated }: PagingProgram,
  values: Float64Array,
): Returns {
  const returns: Return[][] = Array.from({ length: count }, () => []);
  gaps.forEach(({ node, until }, i) => {
    if (values[paged[i]] > 0.5) returns[until].push(['in', node]);
    else if (repeated[i] >= 0 && values[repeated[i]] > 0.5) returns[until].push(['compute', node]);
  });
  // In the order of first computations one can be computed from another.
  return returns.map((row) => row.sort((a, b) => a[1] - b[1]));
}
