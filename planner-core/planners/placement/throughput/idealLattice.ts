import type { Rows } from '../../../step/stepGraph';
import type { Precedence } from './linearOrders';

/**
 * Downward-closed sets of groups (ideals) and how each grows by one group: number 0 is empty, the last is everything,
 * and a set has a higher number than those it contains.
 */
export interface IdealLattice {
  readonly count: number;
  /** By set: which sets it grows to, and (beside each) by which group. */
  readonly next: Rows;
  readonly added: Int32Array;
}

/** The sets that are beginnings of an order. */
export function chainLattice(order: Int32Array): IdealLattice {
  const count = order.length + 1;
  const offsets = Int32Array.from({ length: count + 1 }, (_, i) => Math.min(i, order.length));
  return { count, next: { offsets, items: Int32Array.from(order, (_, i) => i + 1) }, added: order };
}

/** All downward-closed sets; undefined where they are more than `limit`, or the precedence has a cycle. */
export function idealLattice({ before, after }: Precedence, limit: number): IdealLattice | undefined {
  const groupCount = before.length;
  const words = (groupCount + 31) >>> 5;
  const first = new Uint32Array(words);
  const sets: Uint32Array[] = [first];
  const numbers = new Map<string, number>([[first.join(), 0]]);
  const ready: (readonly number[])[] = [before.flatMap((list, group) => (list.length === 0 ? [group] : []))];
  const offsets = [0];
  const items: number[] = [];
  const added: number[] = [];
  const has = (set: Uint32Array, group: number): boolean => ((set[group >>> 5] >>> (group & 31)) & 1) === 1;
  // Sets come up in the order of their sizes.
  for (let number = 0; number < sets.length; number++) {
    for (const group of ready[number]) {
      const grown = sets[number].slice();
      grown[group >>> 5] |= 1 << (group & 31);
      const key = grown.join();
      let target = numbers.get(key);
      if (target === undefined) {
        if (sets.length === limit) return undefined;
        target = sets.push(grown) - 1;
        numbers.set(key, target);
        const freed = after[group].filter((reader) => before[reader].every((source) => has(grown, source)));
        ready.push([...ready[number].filter((other) => other !== group), ...freed]);
      }
      items.push(target);
      added.push(group);
    }
    offsets.push(items.length);
  }
  const last = sets[sets.length - 1];
  for (let group = 0; group < groupCount; group++) if (!has(last, group)) return undefined;
  return {
    count: sets.length,
    next: { offsets: Int32Array.from(offsets), items: Int32Array.from(items) },
    added: Int32Array.from(added),
  };
}
