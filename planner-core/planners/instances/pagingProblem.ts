import { HeadroomError } from '../../base/errors';
import type { GraphInstance, NodeEnergy } from '../../step/graphInstance';

/** Paging and recomputation on one device of an instance: nodes by position in its order. */
export interface PagingProblem {
  readonly count: number;
  readonly bytes: readonly number[];
  readonly timeMs: readonly number[];
  readonly energy: readonly NodeEnergy[];
  /** Positions whose results a node reads. */
  readonly inputs: readonly (readonly number[])[];
  readonly budgetBytes: number;
  /** Computations may take so long in all; transfers are not counted, as POET has it. */
  readonly limitMs: number;
}

/**
 * A time in which a result is not used and need not be in memory: after the computation at `after` and before that at
 * `until`, its next use.
 */
export interface PagingGap {
  readonly node: number;
  readonly after: number;
  readonly until: number;
}

/** Throws 'bad-usage' for an instance without energies or a device it does not have. */
export function pagingProblem(
  { devices, nodes, edges, order }: GraphInstance,
  deviceId: string | undefined,
  budgetBytes: number | undefined,
  runtimeRatio: number,
): PagingProblem {
  const device = deviceId === undefined ? 0 : devices.findIndex(({ id }) => id === deviceId);
  const known = devices.map(({ id }) => id).join(', ');
  if (device < 0) throw new HeadroomError('bad-usage', `The instance has no device "${deviceId}": ${known}.`);
  const position = new Int32Array(nodes.length);
  order.forEach((id, at) => (position[id] = at));
  const inputs: number[][] = nodes.map(() => []);
  for (const [from, to] of edges) {
    const row = inputs[position[to]];
    if (!row.includes(position[from])) row.push(position[from]);
  }
  const energy = order.map((id) => {
    const joules = nodes[id].energy?.[device];
    if (!joules) throw new HeadroomError('bad-usage', `Node ${id} of the instance has no energy.`);
    return joules;
  });
  const timeMs = order.map((id) => nodes[id].timeMs[device]);
  return {
    count: nodes.length,
    bytes: order.map((id) => nodes[id].outputBytes),
    ...{ timeMs, energy, inputs },
    budgetBytes: budgetBytes ?? devices[device].memoryBytes ?? Infinity,
    limitMs: runtimeRatio * timeMs.reduce((sum, ms) => sum + ms, 0),
  };
}

/** The gaps of every result, by node, then time. */
export function pagingGaps({ count, inputs }: PagingProblem): PagingGap[] {
  const uses: number[][] = Array.from({ length: count }, (_, node) => [node]);
  inputs.forEach((reads, position) => reads.forEach((node) => uses[node].push(position)));
  return uses.flatMap((positions, node) =>
    positions
      .slice(1)
      .map((until, i): PagingGap => ({ node, after: positions[i], until }))
      .filter(({ after, until }) => until - after > 1),
  );
}

/** Bytes while the computation at each position runs, when everything stays until its last use. */
export function memoryKept({ count, bytes, inputs }: PagingProblem): Float64Array {
  const last = Int32Array.from({ length: count }, (_, node) => node);
  inputs.forEach((reads, position) => reads.forEach((node) => (last[node] = Math.max(last[node], position))));
  const memory = new Float64Array(count);
  for (let node = 0; node < count; node++)
    for (let position = node; position <= last[node]; position++) memory[position] += bytes[node];
  return memory;
}
