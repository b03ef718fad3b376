import type { Leaver } from './gaps';
import type { PagedSequence } from './paging';

/** What is taken first among the values whose absence helps, by name. */
export const preferences = ['bytes × gap', 'gap', 'bytes'] as const;
export type Preference = (typeof preferences)[number];

/**
 * Gap-based greedy (after TENSILE and Capuchin): while memory is over the budget somewhere, takes at the moment where it
 * is most over the value that is idle then and comes first by the preference; at the end lets those stay that are not
 * needed, the shortest gaps first. `certain` leave in any case. Undefined where even everything away does not do.
 */
export function chooseLeavers(
  sequence: PagedSequence,
  leavers: readonly Leaver[],
  certain: ReadonlySet<number>,
  budgetBytes: number,
  memoryBytes: number,
  preference: Preference,
): Leaver[] | undefined {
  const chosen = leavers.filter(({ value }) => certain.has(value));
  const memory = sequence.memoryWithout(chosen);
  const ranked = leavers
    .filter(({ value }) => !certain.has(value))
    .map((leaver) => ({ leaver, rank: rankOf(sequence, leaver, preference) }))
    .sort((a, b) => b.rank - a.rank || a.leaver.value - b.leaver.value);
  const taken = new Set<Leaver>();
  let awayBytes = chosen.reduce((sum, { bytes }) => sum + bytes, 0);
  for (let at = highest(memory); memory[at] > budgetBytes; at = highest(memory)) {
    const found = ranked.find(
      ({ leaver }) =>
        !taken.has(leaver) && awayBytes + leaver.bytes <= memoryBytes && isAway(leaver, at, memory.length),
    );
    if (!found) return undefined;
    taken.add(found.leaver);
    awayBytes += found.leaver.bytes;
    sequence.takeAway(memory, found.leaver);
  }
  for (const { leaver } of [...ranked].reverse()) {
    if (!taken.has(leaver)) continue;
    sequence.takeAway(memory, leaver, 1);
    if (memory[highest(memory)] <= budgetBytes) taken.delete(leaver);
    else sequence.takeAway(memory, leaver);
  }
  return [...chosen, ...taken];
}

function rankOf(sequence: PagedSequence, { bytes, gaps }: Leaver, preference: Preference): number {
  const ms = gaps.reduce((sum, gap) => sum + sequence.lengthMs(gap), 0) / gaps.length;
  if (preference === 'gap') return ms;
  return preference === 'bytes' ? bytes : bytes * ms;
}

/** As `takeAway` has it: a transfer back takes memory while what precedes the use runs. */
const isAway = ({ gaps }: Leaver, at: number, length: number): boolean =>
  gaps.some(({ after, until }) => at > after && at < until - (until < length ? 1 : 0));

function highest(memory: Float64Array): number {
  let at = 0;
  for (let position = 1; position < memory.length; position++)
    if (memory[position] > memory[at]) at = position;
  return at;
}
