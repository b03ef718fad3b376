import type { Placement } from '../problem';
import { Clusters, joinedModel, type JoinedModel } from './clusters';
import type { LoadModel } from './loadModel';

/**
 * Joins groups along flows, large ones first but shuffled by chance, until about `count` are left; no cluster takes longer than
 * `mostMs` on its fastest device. With placements given, only groups that share a device in all of them are joined: the
 * multilevel refinement of graph partitioners (Sanders and Schulz, "Engineering multilevel graph partitioning
 * algorithms", ESA 2011).
 */
export function coarsen(
  model: LoadModel,
  count: number,
  mostMs: number,
  chance: () => number,
  placements: readonly Placement[] = [],
): JoinedModel {
  const { groupCount, deviceCount, timeMs, source, readers, amount, results, memoryBytes } = model;
  const clusters = new Clusters(groupCount);
  const leastMs = new Float64Array(groupCount).fill(Infinity);
  for (let at = 0; at < deviceCount * groupCount; at++)
    leastMs[at % groupCount] = Math.min(leastMs[at % groupCount], timeMs[at]);
  const bytes = model.bytes.slice();
  const mostBytes = Math.max(...memoryBytes) / 4;
  const pairs: { source: number; reader: number; weight: number }[] = [];
  for (let flow = 0; flow < source.length; flow++) {
    const [start, end] = [readers.offsets[flow], readers.offsets[flow + 1]];
    for (let i = start; i < end; i++) {
      const weight = ((amount[flow] + 1e-9 * results[flow]) * (0.25 + chance())) / (end - start);
      pairs.push({ source: source[flow], reader: readers.items[i], weight });
    }
  }
  pairs.sort((a, b) => b.weight - a.weight);
  let left = groupCount;
  for (const pair of pairs) {
    if (left <= count) break;
    const [a, b] = [clusters.find(pair.source), clusters.find(pair.reader)];
    if (a === b || leastMs[a] + leastMs[b] > mostMs || bytes[a] + bytes[b] > mostBytes) continue;
    if (placements.some((placement) => placement[pair.source] !== placement[pair.reader])) continue;
    if (!sharesDevice(model, pair.source, pair.reader)) continue;
    clusters.join(a, b);
    leastMs[a] += leastMs[b];
    bytes[a] += bytes[b];
    left--;
  }
  return joinedModel(model, clusters);
}

/** Pinned groups and those that run on few devices are joined only with others that run on the same. */
function sharesDevice({ groupCount, deviceCount, timeMs }: LoadModel, a: number, b: number): boolean {
  for (let device = 0; device < deviceCount; device++) {
    const runs = (group: number): boolean => timeMs[device * groupCount + group] < Infinity;
    if (runs(a) !== runs(b)) return false;
  }
  return true;
}
