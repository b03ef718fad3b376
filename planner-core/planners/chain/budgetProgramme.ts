/** A way to run some links of a chain, or several that differ in need and time only; the stage of the first one has it. */
export interface Choice {
  /** How many links it stands for. */
  readonly links: number;
  /** What it frees for everything after it, until its own backward pass. */
  readonly savedBytes: number;
  /** Ascending: least budgets it can run in when all links before it keep everything. */
  readonly needBytes: ArrayLike<number>;
  /** Descending: what it adds for each of them. */
  readonly addedMs: ArrayLike<number>;
}

/** Partial plans of which none beats another, by ascending need and descending time. */
export interface Staircase {
  readonly needBytes: Float64Array;
  readonly addedMs: Float64Array;
  /** By plan: the choice made first, which of its needs, and the plan of what follows it. */
  readonly choice: Int32Array;
  readonly level: Int32Array;
  readonly next: Int32Array;
}

/** A choice for each link. */
export interface ChainPlan<C extends Choice> {
  /** Least budget. */
  readonly needBytes: number;
  readonly addedMs: number;
  /** In the order of the links. */
  readonly made: readonly { readonly choice: C; readonly level: number }[];
}

/** Partial plans kept at each link. */
const maxPlans = 800;

/**
 * The least time of a chain for all budgets at once. From the last link to the first, the partial plans from a link on
 * that no other beats in both the memory that must be left and the time: the value function of Rotor's dynamic programme
 * (Herrmann et al. 2019, "Optimal checkpointing for heterogeneous chains") over the remaining memory, as a staircase
 * instead of a table of slots. What is thinned out are plans, so what remains is exact. A budget's plan is a walk along
 * the stairs. `betweenBytes[i]` is what the surroundings need while the first i links hold something.
 */
export function chainPlans<C extends Choice>(
  stages: readonly (readonly C[])[],
  betweenBytes: Float64Array,
): ChainPlan<C>[] {
  const count = stages.length;
  const from: Staircase[] = [];
  from[count] = nothingLeft(betweenBytes[count]);
  for (let stage = count - 1; stage >= 0; stage--)
    from[stage] = combined(stages[stage], (links) => from[stage + links], betweenBytes[stage], maxPlans);
  return Array.from(from[0].needBytes, (needBytes, plan) => {
    const made: { choice: C; level: number }[] = [];
    for (let stage = 0, at = plan; stage < count;) {
      const stairs = from[stage];
      const choice = stages[stage][stairs.choice[at]];
      made.push({ choice, level: stairs.level[at] });
      at = stairs.next[at];
      stage += choice.links;
    }
    return { needBytes, addedMs: from[0].addedMs[plan], made };
  });
}

/** The only plan where no link is left. */
export const nothingLeft = (needBytes: number): Staircase => ({
  needBytes: Float64Array.of(needBytes),
  addedMs: Float64Array.of(0),
  choice: Int32Array.of(-1),
  level: Int32Array.of(0),
  next: Int32Array.of(-1),
});

/**
 * The best of each choice followed by what is best after it; `aroundBytes` is needed in any case. At most `count` plans.
 * O(choices x plans after them).
 */
export function combined(
  choices: readonly Choice[],
  after: (links: number) => Staircase,
  aroundBytes: number,
  count: number,
): Staircase {
  let size = 0;
  for (const choice of choices) size += after(choice.links).needBytes.length + choice.needBytes.length;
  const need = new Float64Array(size);
  const time = new Float64Array(size);
  const chosen = new Int32Array(size);
  const level = new Int32Array(size);
  const next = new Int32Array(size);
  let at = 0;
  choices.forEach(({ links, savedBytes, needBytes, addedMs }, index) => {
    const rest = after(links);
    // As the budget grows, first one of the two improves, then the other.
    let own = 0;
    let other = 0;
    for (;;) {
      need[at] = Math.max(aroundBytes, needBytes[own], rest.needBytes[other] - savedBytes);
      while (own + 1 < needBytes.length && needBytes[own + 1] <= need[at]) own++;
      while (other + 1 < rest.needBytes.length && rest.needBytes[other + 1] - savedBytes <= need[at]) other++;
      time[at] = addedMs[own] + rest.addedMs[other];
      chosen[at] = index;
      level[at] = own;
      next[at++] = other;
      const ownNext = own + 1 < needBytes.length ? needBytes[own + 1] : Infinity;
      const otherNext = other + 1 < rest.needBytes.length ? rest.needBytes[other + 1] - savedBytes : Infinity;
      if (ownNext === Infinity && otherNext === Infinity) break;
      if (ownNext <= otherNext) own++;
      else other++;
    }
  });
  const kept = staircase(need.subarray(0, at), time.subarray(0, at), count);
  return {
    needBytes: Float64Array.from(kept, (plan) => need[plan]),
    addedMs: Float64Array.from(kept, (plan) => time[plan]),
    choice: Int32Array.from(kept, (plan) => chosen[plan]),
    level: Int32Array.from(kept, (plan) => level[plan]),
    next: Int32Array.from(kept, (plan) => next[plan]),
  };
}

/**
 * Indices of the points that no other beats in both numbers, by ascending need and descending time: the fastest in each
 * of `cells` equal ranges of need, and always both ends. O(points + cells).
 */
export function staircase(need: Float64Array, time: Float64Array, cells: number): number[] {
  let least = 0;
  let fastest = 0;
  for (let i = 1; i < need.length; i++) {
    if (need[i] < need[least] || (need[i] === need[least] && time[i] < time[least])) least = i;
    if (time[i] < time[fastest] || (time[i] === time[fastest] && need[i] < need[fastest])) fastest = i;
  }
  // Needing more than the fastest is of no use.
  const highest = need[fastest];
  const span = highest - need[least];
  const scale = span > 0 ? cells / span : 0;
  const best = new Int32Array(cells + 1).fill(-1);
  for (let i = 0; i < need.length; i++) {
    if (need[i] > highest) continue;
    const cell = Math.floor((need[i] - need[least]) * scale);
    const other = best[cell];
    if (other < 0 || time[i] < time[other] || (time[i] === time[other] && need[i] < need[other]))
      best[cell] = i;
  }
  const kept = [least];
  for (const i of best) if (i >= 0 && time[i] < time[kept[kept.length - 1]]) kept.push(i);
  return kept;
}

/**
 * The choices that no other one for as many links beats in need, saving and time. Needs up to `floorBytes` count alike:
 * no plan gets below that. For choices of a single need.
 */
export function undominated<C extends Choice>(choices: readonly C[], floorBytes: number): C[] {
  const need = ({ needBytes }: Choice): number => Math.max(needBytes[0], floorBytes);
  const inOrder = [...choices].sort(
    (a, b) => a.addedMs[0] - b.addedMs[0] || b.savedBytes - a.savedBytes || need(a) - need(b),
  );
  const kept: C[] = [];
  for (const choice of inOrder) {
    const isBeaten = kept.some(
      (other) =>
        other.links === choice.links && other.savedBytes >= choice.savedBytes && need(other) <= need(choice),
    );
    if (!isBeaten) kept.push(choice);
  }
  return kept;
}
