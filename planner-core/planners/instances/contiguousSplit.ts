import type { GraphInstance } from '../../step/graphInstance';
import { consumersOf, type Grouping, type Placement } from './placement';

/**
 * Cuts the groups, in order, into at most `pieces` runs and gives each to one of `devices` (like ones), so that the
 * largest load (time and transfers of what crosses the cuts) is least: a dynamic programme over cuts, O(n^2 pieces).
 * undefined when the memory limits allow no such cut.
 */
export function contiguousSplit(
  instance: GraphInstance,
  grouping: Grouping,
  devices: readonly number[],
): Placement | undefined {
  const { groups } = grouping;
  const count = groups.length;
  const cost = runLoads(instance, grouping, devices[0]);
  // best[k][j]: least largest load of the first j groups in k runs; cut[k][j]: where the last run begins.
  const best = devices.map(() => new Float64Array(count + 1).fill(Infinity));
  const cut = devices.map(() => new Int32Array(count + 1));
  for (let k = 0; k < devices.length; k++) {
    for (let j = 1; j <= count; j++) {
      for (let i = k === 0 ? 0 : 1; i < (k === 0 ? 1 : j); i++) {
        const load = Math.max(k === 0 ? 0 : best[k - 1][i], cost[i][j]);
        if (load >= best[k][j]) continue;
        best[k][j] = load;
        cut[k][j] = i;
      }
    }
  }
  let runs = 0;
  for (let k = 1; k < devices.length; k++) if (best[k][count] < best[runs][count]) runs = k;
  if (best[runs][count] === Infinity) return undefined;
  const placement = new Int32Array(count);
  for (let k = runs, end = count; k >= 0; k--) {
    const start = cut[k][end];
    placement.fill(devices[k], start, end);
    end = start;
  }
  return placement;
}

/** cost[i][j]: load of groups i .. j-1 on a device; Infinity where they do not fit or run. */
function runLoads(instance: GraphInstance, { groups, groupOf }: Grouping, device: number): Float64Array[] {
  const consumers = consumersOf(instance);
  const producers: number[][] = instance.nodes.map(() => []);
  for (const [from, to] of instance.edges) producers[to].push(from);
  const limit = instance.devices[device].memoryBytes ?? Infinity;
  return Array.from({ length: groups.length }, (_, i) => {
    const row = new Float64Array(groups.length + 1).fill(Infinity);
    let memory = 0;
    let timeMs = 0;
    let transferMs = 0;
    /** By node: how many consumers are still outside (for nodes inside), or whether it has been received. */
    const outside = new Map<number, number>();
    const received = new Set<number>();
    for (let j = i; j < groups.length; j++) {
      const inside = (node: number): boolean => groupOf[node] >= i && groupOf[node] <= j;
      memory += groups[j].memoryBytes;
      timeMs += groups[j].timeMs[device];
      if (memory > limit || timeMs === Infinity) break;
      for (const node of groups[j].nodes) {
        for (const producer of producers[node]) {
          if (!inside(producer) && !received.has(producer)) {
            received.add(producer);
            transferMs += instance.nodes[producer].transferMs;
          } else if (groupOf[producer] < j && outside.has(producer)) {
            const left = outside.get(producer)! - 1;
            outside.set(producer, left);
            if (left === 0) transferMs -= instance.nodes[producer].transferMs;
          }
        }
        // Results of this group that groups before it (backward passes) already receive are no longer received.
        if (received.delete(node)) transferMs -= instance.nodes[node].transferMs;
        const left = consumers[node].filter((consumer) => !inside(consumer)).length;
        outside.set(node, left);
        if (left > 0) transferMs += instance.nodes[node].transferMs;
      }
      row[j + 1] = timeMs + transferMs;
    }
    return row;
  });
}
