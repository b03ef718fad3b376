import type { Grouping, Placement } from './placement';

/**
 * Moves one group at a time to another device while that lowers the cost; passes over all groups until none helps or
 * the time is over. Takes and returns placements; the first is not changed.
 */
export function localMoves(
  grouping: Grouping,
  deviceCount: number,
  cost: (placement: Placement) => number,
  start: Placement,
  isOver: () => boolean,
): { placement: Placement; cost: number } {
  const placement = Int32Array.from(start);
  let least = cost(placement);
  let improved = true;
  while (improved && !isOver()) {
    improved = false;
    for (let group = 0; group < placement.length && !isOver(); group++) {
      const home = placement[group];
      let best = home;
      for (let device = 0; device < deviceCount; device++) {
        if (device === home || grouping.groups[group].timeMs[device] === Infinity) continue;
        placement[group] = device;
        const trial = cost(placement);
        if (trial < least) {
          least = trial;
          best = device;
        }
      }
      placement[group] = best;
      improved ||= best !== home;
    }
  }
  return { placement, cost: least };
}

/** The cheapest of all placements; undefined when there are more than `limit`. */
export function exhaustivePlacement(
  grouping: Grouping,
  deviceCount: number,
  cost: (placement: Placement) => number,
  limit: number,
): { placement: Placement; cost: number } | undefined {
  const count = grouping.groups.length;
  if (count * Math.log(deviceCount) > Math.log(limit)) return undefined;
  const placement = new Int32Array(count);
  let best = { placement: Int32Array.from(placement), cost: cost(placement) };
  for (;;) {
    let at = 0;
    while (at < count && ++placement[at] === deviceCount) placement[at++] = 0;
    if (at === count) return best;
    const trial = cost(placement);
    if (trial < best.cost) best = { placement: Int32Array.from(placement), cost: trial };
  }
}
