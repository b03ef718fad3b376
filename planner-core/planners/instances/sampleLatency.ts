import type { GraphInstance } from '../../step/graphInstance';
import { consumersOf, isAccelerator, memoryExcess, type Grouping, type Placement } from './placement';

/**
 * Time until one sample is through, by list scheduling in the instance's order: a device runs its nodes one after the
 * other, each as soon as its inputs have arrived; a result pays its transfer when it leaves an accelerator and when it
 * enters one. Infinity for a placement that does not run or exceeds a memory limit.
 */
export function sampleLatency(instance: GraphInstance, grouping: Grouping): (placement: Placement) => number {
  const consumers = consumersOf(instance);
  const { devices, nodes, order } = instance;
  const accelerates = devices.map((_, device) => isAccelerator(instance, device));
  const ready = new Float64Array(nodes.length);
  const free = new Float64Array(devices.length);
  return (placement) => {
    if (memoryExcess(instance, grouping, placement) > 0) return Infinity;
    ready.fill(0);
    free.fill(0);
    let end = 0;
    for (const node of order) {
      const device = placement[grouping.groupOf[node]];
      const finish = Math.max(ready[node], free[device]) + nodes[node].timeMs[device];
      free[device] = finish;
      end = Math.max(end, finish);
      for (const consumer of consumers[node]) {
        const target = placement[grouping.groupOf[consumer]];
        const hops = target === device ? 0 : (accelerates[device] ? 1 : 0) + (accelerates[target] ? 1 : 0);
        ready[consumer] = Math.max(ready[consumer], finish + hops * nodes[node].transferMs);
      }
    }
    return end;
  };
}
