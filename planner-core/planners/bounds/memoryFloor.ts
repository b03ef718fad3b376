import { appendTo } from '../../base/groups';
import type { StepGraph } from '../../step/stepGraph';
import { deviceOfNodes, homeOfValues } from '../../simulator/sequence';
import type { Directives } from '../../simulator/schedule';
import { ForcedResidency } from './forcedResidency';
import { Lifetimes } from './lifetimes';

/** A proven least peak, and the node that makes it so. */
export interface MemoryFloor {
  readonly bytes: number;
  /** -1 when what is there before the step begins is the most. */
  readonly node: number;
}

/**
 * No schedule that computes the nodes for the first time in their order, whatever it computes again, peaks below this
 * on the first device: while a node runs, its inputs, outputs and workspace are there, and so is everything that cannot
 * be brought back: what outlives the step, and what later nodes read although it may not be computed again
 * (`recomputable`, by node), or although there is no room to. `fixed` says where things run and what is offloaded; offloaded values count only with the
 * nodes that use them, and with several devices only the nodes on the first one and what stays there count.
 */
export function memoryFloor(
  step: StepGraph,
  recomputable: Uint8Array,
  fixed: Pick<Directives, 'placement' | 'offloads'>,
): MemoryFloor {
  const floor = certainFloor(step, recomputable, fixed);
  if (fixed.placement || fixed.offloads.length > 0) return floor;
  return raisedFloor(step, recomputable, floor);
}

/**
 * The least budget under which no node stands in the way for what must be there (see ForcedResidency), by bisection:
 * what stands in the way of a budget stands in the way of all smaller ones.
 */
function raisedFloor(step: StepGraph, recomputable: Uint8Array, floor: MemoryFloor): MemoryFloor {
  const forced = new ForcedResidency(new Lifetimes(step, recomputable));
  let { bytes, node } = floor;
  let high = bytes;
  // Upwards in growing steps: mostly the floor cannot be raised, or by little.
  for (let stride = 1; ; stride *= 4) {
    const obstacle = forced.obstacle(high);
    if (obstacle === undefined) break;
    bytes = high + 1;
    node = obstacle;
    high += stride;
  }
  while (bytes < high) {
    const middle = Math.floor((bytes + high) / 2);
    const obstacle = forced.obstacle(middle);
    if (obstacle === undefined) high = middle;
    else {
      bytes = middle + 1;
      node = obstacle;
    }
  }
  return { bytes, node };
}

/** What is there for certain at each node. */
function certainFloor(
  step: StepGraph,
  recomputable: Uint8Array,
  fixed: Pick<Directives, 'placement' | 'offloads'>,
): MemoryFloor {
  const { nodeCount, valueCount, inputs, outputs, updates, valueBytes } = step;
  const devices = deviceOfNodes(step, { ...fixed, recomputations: new Int32Array(0) });
  const home = homeOfValues(step, devices);
  const isSingle = !devices.some((device) => device > 0);
  const lastUse = new Int32Array(valueCount).fill(-1);
  for (let node = 0; node < nodeCount; node++) {
    for (const rows of [inputs, updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) lastUse[rows.items[i]] = node;
  }
  const timesMade = new Uint8Array(valueCount);
  for (const value of outputs.items)
    timesMade[value] = Math.min(2, timesMade[value] + 1 + step.residentAtStart[value]);
  const offloaded = new Uint8Array(valueCount);
  for (const value of fixed.offloads) offloaded[value] = 1;
  /** Written on another device: what is there at the end need not be the copy on the first one. */
  const isWrittenElsewhere = new Uint8Array(valueCount);
  for (let node = 0; node < nodeCount; node++) {
    if (devices[node] === 0) continue;
    for (const rows of [outputs, updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) isWrittenElsewhere[rows.items[i]] = 1;
  }
  /** Once made, must the value stay on the first device until its last use (or the end)? */
  const mustStay = new Uint8Array(valueCount);
  for (let value = 0; value < valueCount; value++) {
    if (offloaded[value] || isWrittenElsewhere[value]) continue;
    const producer = step.producer[value];
    // Made anew by a later node: it need not live in between.
    if (timesMade[value] > 1 && !step.residentAtEnd[value]) continue;
    const device = producer >= 0 && !step.residentAtStart[value] ? devices[producer] : home[value];
    if (device !== 0) continue;
    if (step.residentAtEnd[value]) mustStay[value] = 1;
    else if (isSingle)
      mustStay[value] = step.residentAtStart[value] || (producer >= 0 && !recomputable[producer]) ? 1 : 0;
  }

  const freedAfter = new Map<number, number[]>();
  let staying = 0;
  const there = new Uint8Array(valueCount);
  const stay = (value: number): void => {
    if (!mustStay[value] || there[value]) return;
    there[value] = 1;
    staying += valueBytes[value];
    if (step.residentAtEnd[value]) return;
    const end = Math.max(lastUse[value], step.producer[value]);
    if (end < 0) return;
    appendTo(freedAfter, end, value);
  };
  for (let value = 0; value < valueCount; value++) if (step.residentAtStart[value]) stay(value);

  let floor: MemoryFloor = { bytes: staying, node: -1 };
  const counted = new Int32Array(valueCount).fill(-1);
  for (let node = 0; node < nodeCount; node++) {
    for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++) stay(outputs.items[i]);
    let bytes = staying + step.workspaceBytes[node];
    for (const rows of [inputs, outputs, updates]) {
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
        const value = rows.items[i];
        if (there[value] || counted[value] === node) continue;
        counted[value] = node;
        bytes += valueBytes[value];
      }
    }
    if (devices[node] === 0 && bytes > floor.bytes) floor = { bytes, node };
    for (const value of freedAfter.get(node) ?? []) {
      there[value] = 0;
      staying -= valueBytes[value];
    }
  }
  return floor;
}
