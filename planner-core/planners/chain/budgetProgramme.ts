/** A way to run some links of a chain, the first of them at the stage that offers it. */
export interface Choice {
  /** Least budget it can run in when all links before it keep everything. */
  readonly needBytes: number;
  /** What it frees for everything after it, until its own backward pass. */
  readonly savedBytes: number;
  readonly addedMs: number;
  /** How many links it stands for. */
  readonly links: number;
}

/** A choice for each link. */
export interface ChainPlan<C extends Choice> {
  /** Least budget. */
  readonly needBytes: number;
  readonly addedMs: number;
  /** In the order of the links. */
  readonly choices: readonly C[];
}

/** Partial plans kept at each link. */
const maxLabels = 800;

/** Partial plans from one link on, by ascending need and descending time. */
interface Labels {
  readonly needBytes: Float64Array;
  readonly addedMs: Float64Array;
  /** Index of the choice made here. */
  readonly choice: Int32Array;
  /** Label of the stage after the choice's links. */
  readonly next: Int32Array;
}

/**
 * The least time of a chain for all budgets at once. From the last link to the first, the partial plans from a link on
 * that no other beats in both the memory that must be left and the time: the value function of Rotor's dynamic programme
 * (Herrmann et al. 2019, "Optimal checkpointing for heterogeneous chains") over the remaining memory, as a staircase
 * instead of a table of slots. What is thinned out are plans, so what remains is exact. A budget's plan is a walk along
 * the labels. `betweenBytes[i]` is what the surroundings need while the first i links hold something.
 */
export function chainPlans<C extends Choice>(
  stages: readonly (readonly C[])[],
  betweenBytes: Float64Array,
): ChainPlan<C>[] {
  const count = stages.length;
  const labels: Labels[] = [];
  labels[count] = {
    needBytes: Float64Array.of(betweenBytes[count]),
    addedMs: Float64Array.of(0),
    choice: Int32Array.of(-1),
    next: Int32Array.of(-1),
  };
  for (let stage = count - 1; stage >= 0; stage--)
    labels[stage] = bestLabels(stages[stage], (links) => labels[stage + links], betweenBytes[stage]);
  return Array.from(labels[0].needBytes, (needBytes, label) => {
    const choices: C[] = [];
    for (let stage = 0, at = label; stage < count;) {
      const choice = stages[stage][labels[stage].choice[at]];
      choices.push(choice);
      at = labels[stage].next[at];
      stage += choice.links;
    }
    return { needBytes, addedMs: labels[0].addedMs[label], choices };
  });
}

function bestLabels(
  choices: readonly Choice[],
  after: (links: number) => Labels,
  aroundBytes: number,
): Labels {
  let size = 0;
  for (const choice of choices) size += after(choice.links).needBytes.length;
  const need = new Float64Array(size);
  const time = new Float64Array(size);
  const chosen = new Int32Array(size);
  const next = new Int32Array(size);
  let at = 0;
  choices.forEach(({ needBytes, savedBytes, addedMs, links }, index) => {
    const rest = after(links);
    const own = Math.max(needBytes, aroundBytes);
    for (let label = 0; label < rest.needBytes.length; label++, at++) {
      need[at] = Math.max(own, rest.needBytes[label] - savedBytes);
      time[at] = rest.addedMs[label] + addedMs;
      chosen[at] = index;
      next[at] = label;
    }
  });
  const kept = staircase(need, time, maxLabels);
  return {
    needBytes: Float64Array.from(kept, (label) => need[label]),
    addedMs: Float64Array.from(kept, (label) => time[label]),
    choice: Int32Array.from(kept, (label) => chosen[label]),
    next: Int32Array.from(kept, (label) => next[label]),
  };
}

/**
 * Indices of the points that no other beats in both numbers, by ascending need and descending time: all of them, or,
 * where there are more, the fastest in each of `cells` equal ranges of need, and always both ends. O(points + cells).
 */
export function staircase(need: Float64Array, time: Float64Array, cells: number): number[] {
  let least = 0;
  let fastest = 0;
  for (let i = 1; i < need.length; i++) {
    if (need[i] < need[least] || (need[i] === need[least] && time[i] < time[least])) least = i;
    if (time[i] < time[fastest] || (time[i] === time[fastest] && need[i] < need[fastest])) fastest = i;
  }
  // Needing more than the fastest is of no use.
  const span = need[fastest] - need[least];
  const best = new Int32Array(cells).fill(-1);
  for (let i = 0; i < need.length; i++) {
    if (need[i] > need[fastest]) continue;
    const cell = span > 0 ? Math.min(cells - 1, Math.floor(((need[i] - need[least]) / span) * cells)) : 0;
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
 * no plan gets below that.
 */
export function undominated<C extends Choice>(choices: readonly C[], floorBytes: number): C[] {
  const need = ({ needBytes }: Choice): number => Math.max(needBytes, floorBytes);
  const inOrder = [...choices].sort(
    (a, b) => a.addedMs - b.addedMs || b.savedBytes - a.savedBytes || need(a) - need(b),
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
