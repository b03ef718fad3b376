import type { GraphInstance } from '../../step/graphInstance';
import { isAccelerator, nodeReaders, placedBytes, respectsLimits, type NodeDevices } from './placedNodes';

/**
 * Time until one sample is through, by list scheduling in the instance's order: a device runs its nodes one after the
 * other, each as soon as its inputs have arrived; a result pays its transfer when it leaves an accelerator and when it
 * enters one. Infinity for a placement that does not run or exceeds a memory limit.
 */
export function sampleLatency(instance: GraphInstance): (deviceOf: NodeDevices) => number {
  const readers = nodeReaders(instance);
  const { devices, nodes, order } = instance;
  const accelerates = devices.map((_, device) => isAccelerator(instance, device));
  return (deviceOf) => {
    if (!respectsLimits(instance, placedBytes(instance, deviceOf))) return Infinity;
    const ready = new Float64Array(nodes.length);
    const free = new Float64Array(devices.length);
    let end = 0;
    for (const node of order) {
      const device = deviceOf[node];
      const finish = Math.max(ready[node], free[device]) + nodes[node].timeMs[device];
      free[device] = finish;
      end = Math.max(end, finish);
      for (const reader of readers[node]) {
        const target = deviceOf[reader];
        const hops = target === device ? 0 : (accelerates[device] ? 1 : 0) + (accelerates[target] ? 1 : 0);
        ready[reader] = Math.max(ready[reader], finish + hops * nodes[node].transferMs);
      }
    }
    return end;
  };
}
