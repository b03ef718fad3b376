import type { PlacementProblem } from '../../../planner-core/planners/placement/problem';
import { Random } from '../../unit/support/random';

/**
 * Edges of a randomly wired network (Xie et al., ICCV 2019): a ring in which each node is joined to `neighbours` (even)
 * others next to it, each of these edges moved to another end with probability `rewired` (Watts and Strogatz, Nature
 * 393, 1998), and all directed from the smaller number to the larger. No edge is there twice. Sorted.
 */
export function randomlyWired(
  nodes: number,
  neighbours: number,
  rewired: number,
  seed: number,
): [from: number, to: number][] {
  const random = new Random(seed);
  const keys = new Set<number>();
  const keyOf = (a: number, b: number): number => Math.min(a, b) * nodes + Math.max(a, b);
  for (let distance = 1; distance <= neighbours / 2; distance++)
    for (let node = 0; node < nodes; node++) {
      const other = (node + distance) % nodes;
      if (other !== node) keys.add(keyOf(node, other));
    }
  for (const key of [...keys]) {
    const node = Math.floor(key / nodes);
    if (!random.chance(rewired)) continue;
    const other = random.int(0, nodes - 1);
    if (other === node || keys.has(keyOf(node, other))) continue;
    keys.delete(key);
    keys.add(keyOf(node, other));
  }
  return [...keys].sort((a, b) => a - b).map((key) => [Math.floor(key / nodes), key % nodes]);
}

/**
 * A randomly wired network on a CPU and two unlike GPUs behind PCIe: each node takes between a quarter and two and a
 * quarter milliseconds on the faster GPU, one and a half to two and a half times that on the other, two to ten times on
 * the CPU, and hands on half a megabyte to three. CPU and GPUs share a channel for each GPU and direction; GPUs
 * reach each other at half the speed.
 */
export function randomlyWiredPlacement(nodes: number, seed: number): PlacementProblem {
  const random = new Random(1000 + seed);
  const edges = randomlyWired(nodes, 4, 0.6, seed);
  const readers: number[][] = Array.from({ length: nodes }, () => []);
  for (const [from, to] of edges) readers[from].push(to);
  const producers = [...readers.keys()].filter((node) => readers[node].length > 0);
  const deviceCount = 3;
  const durationMs = new Float64Array(deviceCount * nodes);
  for (let node = 0; node < nodes; node++) {
    const work = 0.25 + 2 * random.next();
    [2 + 8 * random.next(), 1, 1.5 + random.next()].forEach((factor, device) => {
      durationMs[device * nodes + node] = work * factor;
    });
  }
  const rows = (lists: readonly (readonly number[])[]): PlacementProblem['groups'] => {
    const offsets = new Int32Array(lists.length + 1);
    lists.forEach((list, i) => (offsets[i + 1] = offsets[i] + list.length));
    return { offsets, items: Int32Array.from(lists.flat()) };
  };
  const perByte = (gbPerS: number): number => 1 / (gbPerS * 1e6);
  const all = Array.from({ length: nodes }, (_, node) => node);
  return {
    taskCount: nodes,
    deviceCount,
    taskName: all.map((node) => `node${node}`),
    deviceName: ['cpu', 'fast gpu', 'slow gpu'],
    durationMs,
    order: Int32Array.from(all),
    resultProducer: Int32Array.from(producers),
    resultReaders: rows(producers.map((node) => readers[node])),
    resultBytes: Float64Array.from(producers, () => 0.5e6 + 2.5e6 * random.next()),
    transfers: {
      kind: 'links',
      latencyMs: Float64Array.from([0, 0.02, 0.02, 0.02, 0, 0.04, 0.02, 0.04, 0]),
      msPerByte: Float64Array.from([0, 12, 12, 12, 0, 6, 12, 6, 0], (gbPerS) =>
        gbPerS ? perByte(gbPerS) : 0,
      ),
      channel: Int32Array.from([0, 1, 2, 3, 0, 4, 5, 6, 0]),
      channelCount: 7,
    },
    groupOf: Int32Array.from(all),
    groups: rows(all.map((node) => [node])),
    isBackward: new Uint8Array(nodes),
    groupBytes: new Float64Array(nodes),
    memoryBytes: new Float64Array(deviceCount).fill(Infinity),
    pinnedDevice: new Int32Array(nodes).fill(-1),
  };
}
