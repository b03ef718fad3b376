import { transferTimeMs } from '../../../planner-core/simulator/simulate';
import { hostMemory, type Directives } from '../../../planner-core/simulator/schedule';
import { deviceOfNodes, homeOfValues } from '../../../planner-core/simulator/sequence';
import { Phase, type Rows, type StepGraph } from '../../../planner-core/step/stepGraph';

/** What the naive simulation finds. */
export interface NaiveResult {
  readonly nodes: number[];
  /** Live bytes while each computation runs, on the device it runs on. */
  readonly liveBytes: number[];
  readonly perDevicePeakBytes: number[];
  readonly timeMs: number;
  readonly transferBytes: number;
}

const row = (rows: Rows, i: number): number[] => [...rows.items.slice(rows.offsets[i], rows.offsets[i + 1])];

/**
 * The meaning of directives, restated with sets and scans instead of typed arrays and sweeps: slow, obvious, and
 * sharing nothing with the simulator but the placement rule and the transfer time.
 */
export function naiveSimulation(step: StepGraph, directives: Directives): NaiveResult {
  const deviceOfNode = deviceOfNodes(step, directives);
  const home = homeOfValues(step, deviceOfNode);
  const nodes: number[] = [];
  /** By position. */
  const devices: number[] = [];
  for (let node = 0; node < step.nodeCount; node++) {
    for (let i = 0; i < directives.recomputations.length; i += 2) {
      if (directives.recomputations[i] !== node) continue;
      const again = directives.recomputations[i + 1];
      nodes.push(again);
      devices.push(directives.recomputationDevices?.[i / 2] ?? deviceOfNode[again]);
    }
    nodes.push(node);
    devices.push(deviceOfNode[node]);
  }
  const reads = (position: number): number[] => [
    ...new Set([...row(step.inputs, nodes[position]), ...row(step.updates, nodes[position])]),
  ];
  const makes = (position: number, value: number): boolean =>
    row(step.outputs, nodes[position]).includes(value);

  /** Positions after which the copy of `value` made at `birth` on `device` is no longer needed there; Infinity: never. */
  const lastNeeds = (value: number, birth: number, birthDevice: number): Map<number, number> => {
    let end = nodes.length;
    let isLast = true;
    for (let p = birth + 1; p < end; p++) {
      if (row(step.updates, nodes[p]).includes(value)) isLast = false;
      if (!isLast || (!step.residentAtEnd[value] && makes(p, value))) end = p;
    }
    const needs = new Map<number, number>();
    let fetched = birth;
    for (let device = 0; device < step.devices.length; device++) {
      const uses: number[] = [];
      for (let p = birth + 1; p < nodes.length && p <= end; p++)
        if (devices[p] === device && reads(p).includes(value)) uses.push(p);
      if (uses.length === 0) continue;
      fetched = Math.max(fetched, uses[0]);
      needs.set(device, uses[uses.length - 1]);
    }
    const last = Math.max(fetched, needs.get(birthDevice) ?? -1);
    if ((step.residentAtEnd[value] && isLast) || last < 0) needs.set(birthDevice, Infinity);
    else needs.set(birthDevice, last);
    return needs;
  };

  const forwardEnd = nodes.findIndex((node) => step.nodePhase[node] >= Phase.backward);
  const offloadAfter = new Map<number, number>();
  for (let p = 0; p < (forwardEnd < 0 ? nodes.length : forwardEnd); p++) {
    for (const value of [...row(step.inputs, nodes[p]), ...row(step.outputs, nodes[p])])
      if (directives.offloads.includes(value)) offloadAfter.set(value, p);
  }

  const present = step.devices.map(() => new Set<number>());
  const needs = new Map<number, Map<number, number>>();
  const host = new Set<number>();
  for (let value = 0; value < step.valueCount; value++) {
    if (!step.residentAtStart[value]) continue;
    present[home[value]].add(value);
    needs.set(value, lastNeeds(value, -1, home[value]));
  }
  const live = (device: number): number =>
    [...present[device]].reduce((sum, value) => sum + step.valueBytes[value], 0);
  const peaks = step.devices.map((_, device) => live(device));
  let timeMs = 0;
  let transferBytes = 0;
  const liveBytes: number[] = [];
  for (let p = 0; p < nodes.length; p++) {
    const node = nodes[p];
    const device = devices[p];
    for (const value of reads(p)) {
      if (present[device].has(value)) continue;
      let from: number = hostMemory;
      present.forEach((values, other) => {
        if (values.has(value)) from = other;
      });
      if (from === hostMemory && !host.has(value)) throw new Error(`value ${value} is nowhere`);
      present[device].add(value);
      timeMs += transferTimeMs(step, value, from, device);
      transferBytes += step.valueBytes[value];
      peaks[device] = Math.max(peaks[device], live(device));
    }
    for (const value of row(step.outputs, node)) {
      present[device].add(value);
      host.delete(value);
      if (!step.residentAtEnd[value] || step.producer[value] === node) {
        if (!step.residentAtEnd[value] || !needs.has(value)) needs.set(value, lastNeeds(value, p, device));
      }
      // What must outlive the step and is made again where nothing reads it any more stays there.
      const there = needs.get(value)!;
      if ((there.get(device) ?? -1) < p) there.set(device, Infinity);
    }
    // Copies elsewhere of what is changed here are stale.
    for (const value of row(step.updates, node)) {
      host.delete(value);
      present.forEach((values, other) => other !== device && values.delete(value));
      needs.set(value, lastNeeds(value, p, device));
    }
    timeMs += step.durationMs[device * step.nodeCount + node];
    liveBytes.push(live(device) + step.workspaceBytes[node]);
    peaks[device] = Math.max(peaks[device], liveBytes[p]);
    present.forEach((values, other) => {
      for (const value of [...values]) {
        const end = needs.get(value)?.get(other);
        if (end !== undefined && end <= p) values.delete(value);
      }
    });
    for (const value of offloadAfter.keys()) {
      if (offloadAfter.get(value) !== p) continue;
      present.forEach((values, other) => {
        if (!values.has(value)) return;
        if (!host.has(value)) {
          timeMs += transferTimeMs(step, value, other, hostMemory);
          transferBytes += step.valueBytes[value];
        }
        host.add(value);
        values.delete(value);
      });
    }
  }
  return { nodes, liveBytes, perDevicePeakBytes: peaks, timeMs, transferBytes };
}
