import type { PlacementProblem } from '../problem';

/** Groups that must come before others, from the results handed on; backward tasks count the other way round. */
export interface Precedence {
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
}

/**
 * What must come first along a pipeline. Training runs through it forward and then backward, so that a result of the
 * backward pass says that its reader comes first. `forwardOnly`: the backward pass has no say.
 */
export function precedenceOf(problem: PlacementProblem, forwardOnly = false): Precedence {
  const { groups, groupOf, resultProducer, resultReaders, isBackward } = problem;
  const count = groups.offsets.length - 1;
  const before = Array.from({ length: count }, () => new Set<number>());
  const after = Array.from({ length: count }, () => new Set<number>());
  resultProducer.forEach((producer, result) => {
    for (let i = resultReaders.offsets[result]; i < resultReaders.offsets[result + 1]; i++) {
      const reader = resultReaders.items[i];
      // From forward to backward either way is right where a group holds both passes of a layer.
      if (isBackward[producer] !== isBackward[reader] || (forwardOnly && isBackward[producer])) continue;
      const [first, second] = isBackward[producer] ? [reader, producer] : [producer, reader];
      if (groupOf[first] === groupOf[second]) continue;
      after[groupOf[first]].add(groupOf[second]);
      before[groupOf[second]].add(groupOf[first]);
    }
  });
  const sorted = (sets: readonly Set<number>[]): number[][] =>
    sets.map((set) => [...set].sort((a, b) => a - b));
  return { before: sorted(before), after: sorted(after) };
}

/** Orders of all groups in which neighbours tend to hand results on: for contiguous splits. Each once. */
export function linearOrders(problem: PlacementProblem, precedence: Precedence): Int32Array[] {
  const count = precedence.before.length;
  const seen = new Int32Array(count).fill(-1);
  problem.order.forEach((task, at) => {
    const group = problem.groupOf[task];
    if (seen[group] < 0) seen[group] = at;
  });
  const byIndex = Int32Array.from({ length: count }, (_, group) => group);
  const orders = [
    byIndex,
    byIndex.slice().sort((a, b) => seen[a] - seen[b]),
    depthFirst(precedence, seen),
    justInTime(precedence, seen),
  ];
  const keys = new Set<string>();
  return orders.filter((order) => !keys.has(order.join()) && keys.add(order.join()));
}

/** Groups that have become ready last come first: branches are walked one after the other. */
function depthFirst({ before, after }: Precedence, rank: Int32Array): Int32Array {
  const missing = before.map((list) => list.length);
  const groups = missing.map((_, group) => group).sort((a, b) => rank[b] - rank[a]);
  const stack = groups.filter((group) => missing[group] === 0);
  const order: number[] = [];
  const done = new Set<number>();
  const left = [...groups];
  while (order.length < missing.length) {
    let group = stack.pop();
    // A cycle of groups has no order: go on with the first that is left.
    while (group === undefined || done.has(group)) group = stack.length > 0 ? stack.pop() : left.pop();
    done.add(group);
    order.push(group);
    const next = after[group].filter((reader) => --missing[reader] === 0);
    stack.push(...next.sort((a, b) => rank[b] - rank[a]));
  }
  return Int32Array.from(order);
}

/** Every group as late as its first reader allows. */
function justInTime({ before, after }: Precedence, rank: Int32Array): Int32Array {
  const order: number[] = [];
  const isOpen = new Uint8Array(before.length);
  const next = new Int32Array(before.length);
  const sinksFirst = before.map((_, group) => group).sort((a, b) => rank[a] - rank[b]);
  const roots = [...sinksFirst.filter((group) => after[group].length === 0), ...sinksFirst];
  for (const root of roots) {
    if (isOpen[root]) continue;
    isOpen[root] = 1;
    const stack = [root];
    while (stack.length > 0) {
      const group = stack[stack.length - 1];
      if (next[group] === before[group].length) {
        order.push(group);
        stack.pop();
        continue;
      }
      const source = before[group][next[group]++];
      if (isOpen[source]) continue;
      isOpen[source] = 1;
      stack.push(source);
    }
  }
  return Int32Array.from(order);
}
