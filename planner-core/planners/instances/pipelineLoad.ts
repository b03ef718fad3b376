import type { GraphInstance } from '../../step/graphInstance';
import { consumersOf, isAccelerator, memoryExcess, type Grouping, type Placement } from './placement';

/**
 * Time for each sample of the slowest device in a pipeline (Tarnawski et al., NeurIPS 2020): its computations, and for
 * accelerators once the transfer of every result that leaves and of every result that arrives. Infinity for a placement
 * that does not run or exceeds a memory limit.
 */
export function pipelineLoad(instance: GraphInstance, grouping: Grouping): (placement: Placement) => number {
  const consumers = consumersOf(instance);
  const { devices, nodes } = instance;
  const { groups, groupOf } = grouping;
  const accelerates = devices.map((_, device) => isAccelerator(instance, device));
  const load = new Float64Array(devices.length);
  const receivedBy = new Int32Array(devices.length);
  return (placement) => {
    if (memoryExcess(instance, grouping, placement) > 0) return Infinity;
    load.fill(0);
    receivedBy.fill(-1);
    groups.forEach((group, index) => (load[placement[index]] += group.timeMs[placement[index]]));
    for (let node = 0; node < nodes.length; node++) {
      const { transferMs } = nodes[node];
      if (transferMs === 0) continue;
      const home = placement[groupOf[node]];
      let leaves = false;
      for (const consumer of consumers[node]) {
        const device = placement[groupOf[consumer]];
        if (device === home) continue;
        leaves = true;
        if (!accelerates[device] || receivedBy[device] === node) continue;
        receivedBy[device] = node;
        load[device] += transferMs;
      }
      if (leaves && accelerates[home]) load[home] += transferMs;
    }
    return Math.max(...load);
  };
}
