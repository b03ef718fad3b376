/** A way to run some links of a chain, or several that differ in need and time only; the stage of the first one has it. */
export interface Choice {
  /** How many links it stands for. */
  readonly links: number;
  /** What it frees for everything after it, until its own backward pass. */
  readonly savedBytes: number;
  /** Ascending: least budgets it can run in when all links before it keep everything. */
  readonly needBytes: Float64Array;
  /** Descending: what it adds for each of them. */
  readonly addedMs: Float64Array;
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
  /** In the order of the links; found anew each time. */
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
  return Array.from(from[0].needBytes, (needBytes, plan) => ({
    needBytes,
    addedMs: from[0].addedMs[plan],
    // Many plans are made, few are looked at.
    get made() {
      return choicesOf(stages, from, plan);
    },
  }));
}

/** Walks along the stairs from a plan of the first stage on. */
function choicesOf<C extends Choice>(
  stages: readonly (readonly C[])[],
  from: readonly Staircase[],
  plan: number,
): ChainPlan<C>['made'] {
  const made: { choice: C; level: number }[] = [];
  for (let stage = 0, at = plan; stage < stages.length;) {
    const stairs = from[stage];
    const choice = stages[stage][stairs.choice[at]];
    made.push({ choice, level: stairs.level[at] });
    at = stairs.next[at];
    stage += choice.links;
  }
  return made;
}

/** The only plan where no link is left. */
const nothingLeft = (needBytes: number): Staircase => ({
  needBytes: Float64Array.of(needBytes),
  addedMs: Float64Array.of(0),
  choice: Int32Array.of(-1),
  level: Int32Array.of(0),
  next: Int32Array.of(-1),
});

/**
 * The best of each choice followed by what is best after it; `aroundBytes` is needed in any case. Where there are more
 * than about `count` plans, the fastest in each of `count` equal ranges of need, and the one that needs least.
 * O(choices x plans after them).
 */
export function combined(
  choices: readonly Choice[],
  after: (links: number) => Staircase,
  aroundBytes: number,
  count: number,
): Staircase {
  const best = new Cells(choices, after, aroundBytes, count);
  choices.forEach((choice, index) => {
    const rest = after(choice.links);
    if (choice.needBytes.length === 1) offerSingle(best, choice, rest, aroundBytes, index);
    else offerAll(best, choice, rest, aroundBytes, index);
  });
  return best.staircase();
}

/** A choice of several needs: as the budget grows, first one of the two improves, then the other. */
function offerAll(
  best: Cells,
  { savedBytes, needBytes, addedMs }: Choice,
  rest: Staircase,
  aroundBytes: number,
  index: number,
): void {
  const ownCount = needBytes.length;
  const restCount = rest.needBytes.length;
  let own = 0;
  let other = 0;
  let need = Math.max(aroundBytes, needBytes[0], rest.needBytes[0] - savedBytes);
  while (need <= best.highest) {
    while (own + 1 < ownCount && needBytes[own + 1] <= need) own++;
    while (other + 1 < restCount && rest.needBytes[other + 1] - savedBytes <= need) other++;
    best.offer(need, addedMs[own] + rest.addedMs[other], index, own, other);
    need = Infinity;
    if (own + 1 < ownCount) need = needBytes[own + 1];
    if (other + 1 < restCount) need = Math.min(need, rest.needBytes[other + 1] - savedBytes);
  }
}

/** A choice of one need, as most are: only what follows improves as the budget grows. */
function offerSingle(
  best: Cells,
  { savedBytes, needBytes, addedMs }: Choice,
  rest: Staircase,
  aroundBytes: number,
  index: number,
): void {
  const restNeed = rest.needBytes;
  const restMs = rest.addedMs;
  const ownMs = addedMs[0];
  const least = Math.max(aroundBytes, needBytes[0]);
  let other = firstAbove(restNeed, least + savedBytes) - 1;
  if (other < 0) other = 0;
  let need = Math.max(least, restNeed[other] - savedBytes);
  while (need <= best.highest) {
    best.offer(need, ownMs + restMs[other], index, 0, other);
    if (++other === restNeed.length) return;
    need = restNeed[other] - savedBytes;
  }
}

/** Index of the first of ascending numbers that is above a limit. */
function firstAbove(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The fastest plan in each range of need. */
class Cells {
  /** Need of the fastest plan of all: needing more is of no use. */
  readonly highest: number;
  private readonly least: number;
  private readonly scale: number;
  private readonly need: Float64Array;
  private readonly time: Float64Array;
  private readonly made: Int32Array;

  constructor(
    choices: readonly Choice[],
    after: (links: number) => Staircase,
    aroundBytes: number,
    count: number,
  ) {
    let least = Infinity;
    let highest = Infinity;
    let fastest = Infinity;
    for (const { links, savedBytes, needBytes, addedMs } of choices) {
      const rest = after(links);
      const last = rest.needBytes.length - 1;
      const lastOwn = needBytes.length - 1;
      least = Math.min(least, Math.max(aroundBytes, needBytes[0], rest.needBytes[0] - savedBytes));
      const need = Math.max(aroundBytes, needBytes[lastOwn], rest.needBytes[last] - savedBytes);
      const time = addedMs[lastOwn] + rest.addedMs[last];
      if (time > fastest || (time === fastest && need >= highest)) continue;
      fastest = time;
      highest = need;
    }
    this.least = least;
    this.highest = highest;
    this.scale = highest > least ? count / (highest - least) : 0;
    // The first cell is for the least need alone.
    this.need = new Float64Array(count + 2);
    this.time = new Float64Array(count + 2).fill(Infinity);
    this.made = new Int32Array(3 * (count + 2));
  }

  offer(need: number, time: number, choice: number, level: number, next: number): void {
    const cell = need === this.least ? 0 : 1 + Math.floor((need - this.least) * this.scale);
    if (time > this.time[cell] || (time === this.time[cell] && need >= this.need[cell])) return;
    this.need[cell] = need;
    this.time[cell] = time;
    this.made[3 * cell] = choice;
    this.made[3 * cell + 1] = level;
    this.made[3 * cell + 2] = next;
  }

  staircase(): Staircase {
    const { need, time, made } = this;
    const cells: number[] = [];
    let fastest = Infinity;
    for (let cell = 0; cell < time.length; cell++) {
      if (time[cell] >= fastest) continue;
      fastest = time[cell];
      cells.push(cell);
    }
    const count = cells.length;
    const stairs = {
      needBytes: new Float64Array(count),
      addedMs: new Float64Array(count),
      choice: new Int32Array(count),
      level: new Int32Array(count),
      next: new Int32Array(count),
    };
    for (let stair = 0; stair < count; stair++) {
      const cell = cells[stair];
      stairs.needBytes[stair] = need[cell];
      stairs.addedMs[stair] = time[cell];
      stairs.choice[stair] = made[3 * cell];
      stairs.level[stair] = made[3 * cell + 1];
      stairs.next[stair] = made[3 * cell + 2];
    }
    return stairs;
  }
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
