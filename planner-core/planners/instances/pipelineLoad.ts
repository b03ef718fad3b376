import type { GraphInstance } from '../../step/graphInstance';
import { isAccelerator, nodeReaders, placedBytes, respectsLimits, type NodeDevices } from './placedNodes';

/**
 * Time for each sample of the slowest device in a pipeline (Tarnawski et al., NeurIPS 2020): its computations, and for
 * accelerators once the transfer of every result that leaves and of every result that arrives. Infinity for a placement
 * that does not run or exceeds a memory limit.
 */
export function pipelineLoad(instance: GraphInstance): (deviceOf: NodeDevices) => number {
  const readers = nodeReaders(instance);
  const { devices, nodes } = instance;
  const accelerates = devices.map((_, device) => isAccelerator(instance, device));
  return (deviceOf) => {
    if (!respectsLimits(instance, placedBytes(instance, deviceOf))) return Infinity;
    const load = new Float64Array(devices.length);
    const receivedBy = new Int32Array(devices.length).fill(-1);
    nodes.forEach(({ timeMs, transferMs }, node) => {
      const home = deviceOf[node];
      load[home] += timeMs[home];
      let leaves = false;
      for (const reader of readers[node]) {
        const device = deviceOf[reader];
        if (device === home) continue;
        leaves = true;
        if (!accelerates[device] || receivedBy[device] === node) continue;
        receivedBy[device] = node;
        load[device] += transferMs;
      }
      if (leaves && accelerates[home]) load[home] += transferMs;
    });
    return Math.max(...load);
  };
}
