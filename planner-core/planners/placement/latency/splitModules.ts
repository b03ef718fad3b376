import type { LatencyModel } from './latencyModel';

/**
 * Splits the groups into modules that talk little to each other, by greedy agglomeration for modularity (Newman,
 * Physical Review E 69, 2004; for placement: DiviML, Ghannane and Abdelfattah, ICCAD 2023). Edges weigh as much as their
 * transfer takes beside the work at both ends. Two modules are not merged where that would make a cycle of modules, nor
 * beyond `largest` groups. Modules come in topological order; edges back to a group that runs earlier (a group may hold
 * tasks of the backward pass) have a weight but no direction.
 */
export function splitModules(model: LatencyModel, largest: number): number[][] {
  const { groupCount } = model;
  const rank = new Int32Array(groupCount).fill(-1);
  let ranked = 0;
  for (const task of model.problem.order) {
    const group = model.problem.groupOf[task];
    if (rank[group] < 0) rank[group] = ranked++;
  }
  const weights = edgeWeights(model);
  const members: (number[] | undefined)[] = Array.from({ length: groupCount }, (_, group) => [group]);
  const strength = new Float64Array(groupCount);
  weights.forEach((row, group) => row.forEach((weight) => (strength[group] += weight)));
  const total = strength.reduce((sum, weight) => sum + weight, 0) || 1;
  /** By module: modules that read from it directly. */
  const next: Set<number>[] = weights.map(
    (row, group) => new Set([...row.keys()].filter((other) => rank[other] > rank[group])),
  );
  const refused = new Set<number>();
  for (;;) {
    let best = { from: -1, to: -1, gain: 0 };
    weights.forEach((row, from) => {
      for (const [to, weight] of row) {
        if (to <= from || refused.has(from * groupCount + to)) continue;
        if (members[from]!.length + members[to]!.length > largest) continue;
        // What merging adds to the modularity, times half the total weight.
        const gain = weight - (strength[from] * strength[to]) / total;
        if (gain > best.gain + 1e-12 * total) best = { from, to, gain };
      }
    });
    const { from, to } = best;
    if (from < 0) break;
    if (isLinkedThroughOthers(next, from, to) || isLinkedThroughOthers(next, to, from)) {
      refused.add(from * groupCount + to);
      continue;
    }
    for (const [other, weight] of weights[to]) {
      weights[other].delete(to);
      if (other === from) continue;
      const sum = weight + (weights[from].get(other) ?? 0);
      weights[from].set(other, sum);
      weights[other].set(from, sum);
    }
    weights[to].clear();
    weights[from].delete(to);
    strength[from] += strength[to];
    members[from]!.push(...members[to]!);
    members[to] = undefined;
    for (const after of next[to]) next[from].add(after);
    next[to].clear();
    for (const row of next) if (row.delete(to)) row.add(from);
    next[from].delete(from);
    // What was refused may be possible now that modules are one.
    refused.clear();
  }
  return topological(members, next, rank);
}

/** By group: its neighbours and how heavy the edge is. */
function edgeWeights(model: LatencyModel): Map<number, number>[] {
  const { problem, taskCount, groupCount } = model;
  const weights = Array.from({ length: groupCount }, () => new Map<number, number>());
  const meanMs = (task: number): number => {
    const devices = model.allowed[problem.groupOf[task]];
    let sum = 0;
    for (const device of devices) sum += problem.durationMs[device * taskCount + task];
    return sum / devices.length;
  };
  for (let task = 0; task < taskCount; task++) {
    model.forEachReader(task, (reader, entry) => {
      const from = problem.groupOf[task];
      const to = problem.groupOf[reader];
      if (from === to) return;
      const transferMs = meanDelay(model, entry, from, to);
      const workMs = meanMs(task) + meanMs(reader);
      const weight = transferMs + workMs > 0 ? transferMs / (transferMs + workMs) : 0;
      weights[from].set(to, (weights[from].get(to) ?? 1e-6) + weight);
      weights[to].set(from, (weights[to].get(from) ?? 1e-6) + weight);
    });
  }
  return weights;
}

function meanDelay(model: LatencyModel, entry: number, a: number, b: number): number {
  let sum = 0;
  let pairs = 0;
  for (const from of model.allowed[a]) {
    for (const to of model.allowed[b]) {
      const ms = model.delayMs(entry, from, to);
      if (from === to || ms === Infinity) continue;
      sum += ms;
      pairs++;
    }
  }
  return pairs > 0 ? sum / pairs : 0;
}

/** Is there a way from one module to another over a third? */
function isLinkedThroughOthers(next: readonly Set<number>[], from: number, to: number): boolean {
  const open = [...next[from]].filter((module) => module !== to);
  const seen = new Set(open);
  for (let module = open.pop(); module !== undefined; module = open.pop()) {
    for (const after of next[module]) {
      if (after === to) return true;
      if (seen.has(after)) continue;
      seen.add(after);
      open.push(after);
    }
  }
  return false;
}

/** Modules so that none comes before one that it reads from; of those that may come next, the one that runs first. */
function topological(
  members: readonly (readonly number[] | undefined)[],
  next: readonly Set<number>[],
  rank: Int32Array,
): number[][] {
  const missing = new Int32Array(members.length);
  for (const row of next) for (const after of row) missing[after]++;
  const first = members.map((groups) => Math.min(Infinity, ...(groups ?? []).map((group) => rank[group])));
  const ready = [...members.keys()].filter((module) => members[module] && missing[module] === 0);
  const modules: number[][] = [];
  while (ready.length > 0) {
    const at = ready.reduce((best, module, i) => (first[module] < first[ready[best]] ? i : best), 0);
    const [module] = ready.splice(at, 1);
    modules.push([...members[module]!].sort((a, b) => rank[a] - rank[b]));
    for (const after of next[module]) if (--missing[after] === 0) ready.push(after);
  }
  return modules;
}
