/** Something that may be kept. */
export interface KnapsackItem {
  /** Share of the whole budget axis it takes. */
  readonly weight: number;
  readonly value: number;
}

/** Picks items (1: kept) of the highest value it finds whose weights sum to at most `capacity`. */
export type KnapsackSolver = (items: readonly KnapsackItem[], capacity: number) => Uint8Array;

/** Weights are rounded to this many parts of the budget axis, as in PyTorch (torch/_functorch/_activation_checkpointing). */
const cells = 10_000;

/** Exact for rounded weights, by dynamic programming. O(items · cells). */
export const dynamicKnapsack: KnapsackSolver = (items, capacity) => {
  const room = Math.floor(capacity * cells + 1e-9);
  const weights = items.map(({ weight }) => Math.round(weight * cells));
  const best = new Float64Array(room + 1);
  /** By item and room: is the item among the best choice of it and those before it? */
  const takes = items.map(() => new Uint8Array(room + 1));
  items.forEach(({ value }, i) => {
    for (let left = room; left >= weights[i]; left--) {
      const taken = best[left - weights[i]] + value;
      if (taken <= best[left]) continue;
      best[left] = taken;
      takes[i][left] = 1;
    }
  });
  const kept = new Uint8Array(items.length);
  for (let i = items.length - 1, left = room; i >= 0; i--) {
    if (left < weights[i] || !takes[i][left]) continue;
    kept[i] = 1;
    left -= weights[i];
  }
  return kept;
};

/** By descending value for each unit of weight, whatever still fits. */
export const greedyKnapsack: KnapsackSolver = (items, capacity) => {
  const ratio = ({ value, weight }: KnapsackItem): number => (weight > 0 ? value / weight : Infinity);
  const order = items.map((_, i) => i).sort((a, b) => ratio(items[b]) - ratio(items[a]) || a - b);
  const kept = new Uint8Array(items.length);
  let left = capacity;
  for (const i of order) {
    if (items[i].weight > left + 1e-12) continue;
    kept[i] = 1;
    left -= items[i].weight;
  }
  return kept;
};
