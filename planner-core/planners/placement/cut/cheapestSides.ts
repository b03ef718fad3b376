import { FlowNetwork, unlimited } from '../../baselines/minimumCut';
import type { TwoDevices } from './twoDevices';

/** What a cut is made for, beyond the problem itself. */
export interface CutPrices {
  /** What bandwidth decides counts so many times: 1 is the problem's own bandwidth, 2 is half of it. */
  readonly byteFactor: number;
  /** Added for each byte that a group occupies on the first device; negative: on the second. */
  readonly msPerFirstByte: number;
}

/** All capacities together in whole units: what doubles count exactly, with room for unlimited edges above it. */
const units = 2 ** 50;

/**
 * The sides with the least sum of computations and transfers, as a minimum cut between the two devices (project
 * selection, Rhys and Balinski 1970): a group's edges to the devices carry its times, and a result hangs on its producer
 * by a vertex of its own, so that it is paid for once, whoever reads it. Undefined when no sides are allowed: results
 * that have no way. Exact but for rounding all times to about 1e-15 of their sum.
 */
export function cheapestSides(two: TwoDevices, prices: CutPrices): Uint8Array | undefined {
  const { groupCount, durationMs, crossings, problem } = two;
  const { byteFactor, msPerFirstByte } = prices;
  // What stays to be decided of each group: how much more one side costs.
  const penaltyMs = new Float64Array(groupCount);
  let sumMs = 0;
  for (let group = 0; group < groupCount; group++) {
    const [firstMs, secondMs] = [durationMs[group], durationMs[groupCount + group]];
    penaltyMs[group] = firstMs - secondMs + msPerFirstByte * problem.groupBytes[group];
    if (Number.isFinite(penaltyMs[group])) sumMs += Math.abs(penaltyMs[group]);
  }
  const priceMs = crossings.map(({ fixedMs, byteMs }) =>
    ([0, 1] as const).map((side) => fixedMs[side] + byteFactor * byteMs[side]),
  );
  for (const pair of priceMs) for (const ms of pair) if (Number.isFinite(ms)) sumMs += ms;
  const scale = sumMs > 0 ? units / sumMs : 0;
  const capacity = (ms: number): number => (Number.isFinite(ms) ? Math.round(ms * scale) : unlimited);

  // Vertices: groups; for each crossing with several readers one for either direction; the devices.
  const wide = crossings.filter(({ readers }) => readers.length > 1).length;
  const source = groupCount + 2 * wide;
  const sink = source + 1;
  const network = new FlowNetwork(sink + 1);
  for (let group = 0; group < groupCount; group++) {
    const ms = penaltyMs[group];
    if (ms > 0) network.edge(group, sink, capacity(ms));
    else if (ms < 0) network.edge(source, group, capacity(-ms));
  }
  let vertex = groupCount;
  crossings.forEach(({ producer, readers }, i) => {
    const [forth, back] = priceMs[i].map(capacity);
    if (readers.length === 1) {
      network.edge(producer, readers[0], forth, back);
      return;
    }
    const [sent, returned] = [vertex, vertex + 1];
    vertex += 2;
    network.edge(producer, sent, forth);
    network.edge(returned, producer, back);
    for (const reader of readers) {
      network.edge(sent, reader, unlimited);
      network.edge(reader, returned, unlimited);
    }
  });
  const sides = network.sinkSide(source, sink).slice(0, groupCount);
  return isAllowed(two, sides) ? sides : undefined;
}

/** Does every group run where it is, and has every result that crosses a way? */
function isAllowed({ groupCount, durationMs, crossings }: TwoDevices, sides: Uint8Array): boolean {
  for (let group = 0; group < groupCount; group++)
    if (!Number.isFinite(durationMs[sides[group] * groupCount + group])) return false;
  return crossings.every(
    ({ producer, readers, fixedMs }) =>
      Number.isFinite(fixedMs[sides[producer]]) ||
      readers.every((reader) => sides[reader] === sides[producer]),
  );
}
