import type { GraphInstance } from '../../step/graphInstance';
import type { NodeDevices } from './placedNodes';

/**
 * Time of running everything once, one node after the other, where each edge between devices pays its listed copy cost
 * (XEngine, Schuler et al., ACM TACO 2022, without repeats). Infinity when a device's memory is exceeded: results are
 * freed after their last use on each device.
 */
export function copyingCost(instance: GraphInstance): (deviceOf: NodeDevices) => number {
  return (deviceOf) => {
    const device = (node: number): number => deviceOf[node];
    const peaks = devicePeaks(instance, device);
    if (peaks.some((bytes, index) => bytes > (instance.devices[index].memoryBytes ?? Infinity)))
      return Infinity;
    let cost = 0;
    instance.nodes.forEach((node, id) => (cost += node.timeMs[device(id)]));
    instance.edges.forEach(([from, to], edge) => {
      if (device(from) === device(to)) return;
      const direction = `${instance.devices[device(from)].id}->${instance.devices[device(to)].id}`;
      cost += instance.copyCost[edge][direction] ?? 0;
    });
    return cost;
  };
}

/** Highest live bytes of each device when results are freed after their last use there. */
export function devicePeaks(
  { nodes, edges, order, devices }: GraphInstance,
  deviceOf: (node: number) => number,
): number[] {
  const position = new Int32Array(nodes.length);
  order.forEach((id, at) => (position[id] = at));
  /** By node and device: the positions between which a copy is there. */
  const from = nodes.map(() => devices.map(() => Infinity));
  const until = nodes.map(() => devices.map(() => -1));
  nodes.forEach((_, id) => {
    from[id][deviceOf(id)] = position[id];
    until[id][deviceOf(id)] = position[id];
  });
  for (const [producer, consumer] of edges) {
    const target = deviceOf(consumer);
    from[producer][target] = Math.min(from[producer][target], position[consumer]);
    until[producer][target] = Math.max(until[producer][target], position[consumer]);
    const home = deviceOf(producer);
    // The source stays until the copy is made.
    until[producer][home] = Math.max(until[producer][home], from[producer][target]);
  }
  return devices.map((_, device) => {
    const change = new Float64Array(order.length + 1);
    nodes.forEach(({ outputBytes }, id) => {
      if (until[id][device] < 0) return;
      change[from[id][device]] += outputBytes;
      change[until[id][device] + 1] -= outputBytes;
    });
    let live = 0;
    let peak = 0;
    for (const step of change) {
      live += step;
      peak = Math.max(peak, live);
    }
    return peak;
  });
}
