import type { GraphInstance } from '../../step/graphInstance';

/** A device for each node of an instance. */
export type NodeDevices = ArrayLike<number>;

/** Is the device an accelerator: paying for what it sends and receives? */
export function isAccelerator({ devices }: GraphInstance, device: number): boolean {
  return devices[device].kind !== 'cpu';
}

/** What nodes occupy on each device. */
export function placedBytes({ nodes, devices }: GraphInstance, deviceOf: NodeDevices): number[] {
  const used = devices.map(() => 0);
  nodes.forEach(({ memoryBytes }, node) => (used[deviceOf[node]] += memoryBytes));
  return used;
}

export function respectsLimits({ devices }: GraphInstance, usedBytes: readonly number[]): boolean {
  return usedBytes.every((bytes, device) => bytes <= (devices[device].memoryBytes ?? Infinity));
}

/** Nodes that read each node's result. */
export function nodeReaders({ nodes, edges }: GraphInstance): readonly (readonly number[])[] {
  const readers: number[][] = nodes.map(() => []);
  for (const [from, to] of edges) readers[from].push(to);
  return readers;
}
