import type { GraphInstance } from '../../step/graphInstance';

/** Nodes that must share a device, treated as one. */
export interface Group {
  readonly nodes: readonly number[];
  /** By device; Infinity where a node of the group cannot run. */
  readonly timeMs: readonly number[];
  readonly memoryBytes: number;
}

/** A device for each group. */
export type Placement = Int32Array;

/** Groups of an instance, each next to what reads its results, and which group a node is in. */
export interface Grouping {
  readonly groups: readonly Group[];
  readonly groupOf: Int32Array;
}

export function groupsOf(instance: GraphInstance): Grouping {
  const { nodes, devices } = instance;
  const byColour = new Map<number, number[]>();
  const members: number[][] = [];
  for (const id of justInTimeOrder(instance)) {
    const colour = nodes[id].colocate;
    const known = colour === undefined ? undefined : byColour.get(colour);
    if (known) known.push(id);
    else {
      const fresh = [id];
      members.push(fresh);
      if (colour !== undefined) byColour.set(colour, fresh);
    }
  }
  const groupOf = new Int32Array(nodes.length);
  const groups = members.map((ids, group): Group => {
    for (const id of ids) groupOf[id] = group;
    return {
      nodes: ids,
      timeMs: devices.map((_, device) => ids.reduce((sum, id) => sum + nodes[id].timeMs[device], 0)),
      memoryBytes: ids.reduce((sum, id) => sum + nodes[id].memoryBytes, 0),
    };
  });
  return { groups, groupOf };
}

/** A topological order with every node as late as its first reader allows: weights come next to their layer. */
function justInTimeOrder({ nodes, edges, order }: GraphInstance): number[] {
  const producers: number[][] = nodes.map(() => []);
  const isRead = new Uint8Array(nodes.length);
  for (const [from, to] of edges) {
    producers[to].push(from);
    isRead[from] = 1;
  }
  const done = new Uint8Array(nodes.length);
  const result: number[] = [];
  for (const sink of order) {
    if (isRead[sink]) continue;
    const stack = [sink];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      const missing = producers[node].find((producer) => !done[producer]);
      if (missing !== undefined) stack.push(missing);
      else {
        stack.pop();
        if (!done[node]) result.push(node);
        done[node] = 1;
      }
    }
  }
  return result;
}

/** Is the device an accelerator: with a memory limit, and paying for what it sends and receives? */
export function isAccelerator({ devices }: GraphInstance, device: number): boolean {
  return devices[device].kind !== 'cpu';
}

/** How far a placement exceeds the memory limits, in bytes over all devices; 0 when it respects them. */
export function memoryExcess(instance: GraphInstance, { groups }: Grouping, placement: Placement): number {
  const used = new Float64Array(instance.devices.length);
  groups.forEach((group, index) => (used[placement[index]] += group.memoryBytes));
  return used.reduce(
    (sum, bytes, device) => sum + Math.max(0, bytes - (instance.devices[device].memoryBytes ?? Infinity)),
    0,
  );
}

/** Consumers of each node. */
export function consumersOf({ nodes, edges }: GraphInstance): readonly (readonly number[])[] {
  const consumers: number[][] = nodes.map(() => []);
  for (const [from, to] of edges) consumers[from].push(to);
  return consumers;
}
