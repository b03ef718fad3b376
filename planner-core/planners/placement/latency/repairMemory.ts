import type { Placement } from '../problem';
import { unplaced, type LatencyModel } from './latencyModel';

/**
 * The placement itself where it fits; else groups move from devices that hold too much to ones with room, those first
 * that lose the least time for the memory they free. undefined when that leads nowhere: placing everything anew, the
 * largest first, is then tried before giving up.
 */
export function repairMemory(model: LatencyModel, placement: Placement): Placement | undefined {
  if (model.memoryExcess(placement) === 0) return placement;
  return moveOut(model, placement) ?? largestFirst(model, placement);
}

function moveOut(model: LatencyModel, placement: Placement): Placement | undefined {
  const { groupBytes } = model.problem;
  const repaired = placement.slice();
  const room = roomOf(model, repaired);
  for (let device = 0; device < model.deviceCount; device++) {
    while (room[device] < 0) {
      let best = { group: -1, to: -1, price: Infinity };
      for (let group = 0; group < repaired.length; group++) {
        if (repaired[group] !== device || groupBytes[group] === 0) continue;
        // What is freed beyond need is worth nothing.
        const freed = Math.min(groupBytes[group], -room[device]);
        for (const to of model.allowed[group]) {
          if (to === device || groupBytes[group] > room[to]) continue;
          const lostMs = groupMs(model, group, to) - groupMs(model, group, device);
          const price = (lostMs + neighbourhoodMs(model, repaired, group, device, to)) / freed;
          if (price < best.price) best = { group, to, price };
        }
      }
      if (best.group < 0) return undefined;
      repaired[best.group] = best.to;
      room[device] += groupBytes[best.group];
      room[best.to] -= groupBytes[best.group];
    }
  }
  return repaired;
}

/** Least time first among the devices with room, groups by falling size (first fit decreasing). */
function largestFirst(model: LatencyModel, preferred: Placement): Placement | undefined {
  const { groupBytes } = model.problem;
  const placement = new Uint8Array(model.groupCount).fill(unplaced);
  const room = roomOf(model, placement);
  const bySize = Array.from(placement.keys()).sort((a, b) => groupBytes[b] - groupBytes[a] || a - b);
  for (const group of bySize) {
    let best = -1;
    let least = Infinity;
    for (const device of model.allowed[group]) {
      if (groupBytes[group] > room[device]) continue;
      const ms = device === preferred[group] ? -1 : groupMs(model, group, device);
      if (ms >= least) continue;
      least = ms;
      best = device;
    }
    if (best < 0) return undefined;
    placement[group] = best;
    room[best] -= groupBytes[group];
  }
  return placement;
}

/** Free memory of each device. */
export function roomOf(model: LatencyModel, placement: Placement): Float64Array {
  const room = model.problem.memoryBytes.slice();
  placement.forEach((device, group) => {
    if (device !== unplaced) room[device] -= model.problem.groupBytes[group];
  });
  return room;
}

function groupMs({ problem, taskCount }: LatencyModel, group: number, device: number): number {
  const { offsets, items } = problem.groups;
  let sum = 0;
  for (let i = offsets[group]; i < offsets[group + 1]; i++)
    sum += problem.durationMs[device * taskCount + items[i]];
  return sum;
}

/** How much more the transfers to and from a group take when it moves. */
function neighbourhoodMs(
  model: LatencyModel,
  placement: Placement,
  group: number,
  from: number,
  to: number,
): number {
  const { groups, groupOf } = model.problem;
  let sum = 0;
  for (let i = groups.offsets[group]; i < groups.offsets[group + 1]; i++) {
    const task = groups.items[i];
    model.forEachProducer(task, (producer, entry) => {
      const source = placement[groupOf[producer]];
      if (groupOf[producer] !== group)
        sum += model.delayMs(entry, source, to) - model.delayMs(entry, source, from);
    });
    model.forEachReader(task, (reader, entry) => {
      const target = placement[groupOf[reader]];
      if (groupOf[reader] !== group)
        sum += model.delayMs(entry, to, target) - model.delayMs(entry, from, target);
    });
  }
  return sum;
}
