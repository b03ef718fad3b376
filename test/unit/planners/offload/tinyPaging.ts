import type { InstanceAction } from '../../../../planner-core/planners/solveInstance';
import { Random } from '../../support/random';

/** A paging instance small enough to search all its states; on its one device joules of computing are milliseconds too. */
export interface TinyPaging {
  readonly bytes: number[];
  readonly compute: number[];
  readonly pageIn: number[];
  readonly pageOut: number[];
  readonly reads: number[][];
}

/** A random one in which each computation reads what was made just before it, and perhaps something older. */
export function tinyPaging(seed: number, most = 6): TinyPaging {
  return randomPaging(seed, most, (random, node) => [
    ...new Set([node - 1, ...(random.chance(0.6) ? [random.int(0, node - 1)] : [])]),
  ]);
}

/** A random one in which each computation reads one or two results made at any time before it. */
export function tinyBranches(seed: number, most: number): TinyPaging {
  return randomPaging(seed, most, (random, node) => [
    ...new Set([random.int(0, node - 1), random.int(0, node - 1)]),
  ]);
}

function randomPaging(
  seed: number,
  most: number,
  readsOf: (random: Random, node: number) => number[],
): TinyPaging {
  const random = new Random(seed);
  const count = random.int(3, most);
  const list = (low: number, high: number): number[] =>
    Array.from({ length: count }, () => random.int(low, high));
  const reads = Array.from({ length: count }, (_, node) => (node === 0 ? [] : readsOf(random, node)));
  return { bytes: list(1, 5), compute: list(1, 9), pageIn: list(1, 4), pageOut: list(1, 4), reads };
}

/** A chain of `layers` computations and, backwards, one for each that reads what the layer read and made. */
export function tinyTraining(seed: number, layers: number): TinyPaging {
  const random = new Random(seed);
  const count = 2 * layers + 1;
  const list = (low: number, high: number): number[] =>
    Array.from({ length: count }, () => random.int(low, high));
  const reads = Array.from({ length: count }, (_, node): number[] => {
    if (node === 0) return [];
    if (node <= layers) return [node - 1];
    const layer = count - node;
    return [layer - 1, layer, ...(node > layers + 1 ? [node - 1] : [])];
  });
  return { bytes: list(1, 5), compute: list(1, 9), pageIn: list(2, 9), pageOut: list(2, 9), reads };
}

/** The largest computation with its inputs. */
export function leastMemory({ bytes, reads }: TinyPaging): number {
  return Math.max(...reads.map((row, node) => row.reduce((sum, read) => sum + bytes[read], bytes[node])));
}

/** The instance as a file. */
export function fileOf({ bytes, compute, pageIn, pageOut, reads }: TinyPaging): string {
  const on = (value: number): Record<string, number> => ({ d: value });
  return JSON.stringify({
    ...{ format: 'dnn-graph-instance/1', id: 'tiny', kind: 'remat-paging-energy' },
    devices: [{ id: 'd', kind: 'mcu', memory_bytes: null }],
    nodes: bytes.map((size, id) => ({
      ...{ id, name: `n${id}`, output_bytes: size, time_ms: on(compute[id]) },
      ...{ energy_j: on(compute[id]), pagein_j: on(pageIn[id]), pageout_j: on(pageOut[id]) },
    })),
    edges: reads.flatMap((from, to) => from.map((node) => [node, to])),
  });
}

/** The least energy of any plan that computes for the first time in order, by search over all states; Infinity: none. */
export function leastEnergy({ bytes, compute, pageIn, pageOut, reads }: TinyPaging, budget: number): number {
  const count = bytes.length;
  const size = (mask: number): number =>
    bytes.reduce((sum, value, node) => sum + ((mask >> node) & 1 ? value : 0), 0);
  const cost = new Map<string, number>([['0 0 0', 0]]);
  // States by joules, which are whole.
  const open: string[][] = [['0 0 0']];
  for (let joules = 0; joules < open.length;) {
    const at = open[joules]?.pop();
    if (at === undefined) joules++;
    if (at === undefined || cost.get(at)! < joules) continue;
    const [next, memory, storage] = at.split(' ').map(Number);
    if (next === count) return joules;
    const go = (to: number, ram: number, disk: number, more: number): void => {
      if (size(ram) > budget) return;
      const key = `${to} ${ram} ${disk}`;
      if (joules + more >= (cost.get(key) ?? Infinity)) return;
      cost.set(key, joules + more);
      (open[joules + more] ??= []).push(key);
    };
    for (let node = 0; node < count; node++) {
      const bit = 1 << node;
      if (node <= next && reads[node].every((read) => (memory >> read) & 1) && !(memory & bit))
        go(next + Number(node === next), memory | bit, storage, compute[node]);
      if (memory & bit) {
        go(next, memory & ~bit, storage, 0);
        if (!(storage & bit)) go(next, memory, storage | bit, pageOut[node]);
      } else if (storage & bit) go(next, memory | bit, storage, pageIn[node]);
    }
  }
  return Infinity;
}

/** What the actions take, restated with sets; throws where one cannot be done. */
export function replay(
  { bytes, compute, pageIn, pageOut, reads }: TinyPaging,
  actions: readonly InstanceAction[],
) {
  const memory = new Set<number>();
  const storage = new Set<number>();
  let joules = 0;
  let peak = 0;
  const computed: number[] = [];
  for (const action of actions) {
    const { node } = action;
    if (action.op === 'compute') {
      if (!reads[node].every((read) => memory.has(read))) throw new Error(`inputs of ${node}`);
      memory.add(node);
      joules += compute[node];
      if (!computed.includes(node)) computed.push(node);
    } else if (action.op === 'free') {
      if (!memory.delete(node)) throw new Error(`free of ${node}`);
    } else if (action.to === 'storage') {
      if (!memory.has(node)) throw new Error(`out of ${node}`);
      storage.add(node);
      joules += pageOut[node];
    } else {
      if (!storage.has(node)) throw new Error(`in of ${node}`);
      memory.add(node);
      joules += pageIn[node];
    }
    peak = Math.max(
      peak,
      [...memory].reduce((sum, held) => sum + bytes[held], 0),
    );
  }
  return { joules, peak, computed };
}
