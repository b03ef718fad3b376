import { HeadroomError } from '../../base/errors';
import { appendTo } from '../../base/groups';
import type { GraphInstance } from '../../step/graphInstance';
import { mostDevices } from '../../step/stepBuilder';
import type { Rows } from '../../step/stepGraph';
import type { PlacementProblem, Transfers } from './problem';

const maxListed = 50_000_000;

/**
 * The placement problem of an instance. Nodes with the same `colocate` are one group; groups are numbered so that each is
 * next to what reads its results. Transfers are through host memory, or as listed (remat-hetero). Throws
 * 'bad-instance' for nodes that must share a device though no device runs, or has room for, all of them;
 * 'limit-exceeded' for more than 254 devices.
 */
export function placementOfInstance(instance: GraphInstance): PlacementProblem {
  const { nodes, devices, order } = instance;
  if (devices.length > mostDevices)
    throw new HeadroomError('limit-exceeded', `${devices.length} devices; the limit is ${mostDevices}.`);
  const taskCount = nodes.length;
  const members = groupsOf(instance);
  const groupOf = new Int32Array(taskCount);
  members.forEach((tasks, group) => tasks.forEach((task) => (groupOf[task] = group)));
  const durationMs = new Float64Array(devices.length * taskCount);
  devices.forEach((_, device) =>
    nodes.forEach(({ timeMs }, task) => (durationMs[device * taskCount + task] = timeMs[device])),
  );
  const results = resultsOf(instance);
  const problem: PlacementProblem = {
    taskCount,
    deviceCount: devices.length,
    taskName: nodes.map(({ name }) => name),
    deviceName: devices.map(({ id }) => id),
    durationMs,
    order: Int32Array.from(order),
    resultProducer: results.producer,
    resultReaders: results.readers,
    resultBytes: Float64Array.from(results.producer, (node) => nodes[node].outputBytes),
    transfers: transfersOf(instance, results),
    groupOf,
    groups: rowsOf(members),
    isBackward: Uint8Array.from(nodes, ({ backward }) => (backward ? 1 : 0)),
    groupBytes: Float64Array.from(members, (tasks) =>
      tasks.reduce((sum, task) => sum + nodes[task].memoryBytes, 0),
    ),
    memoryBytes: Float64Array.from(devices, ({ memoryBytes }) => memoryBytes ?? Infinity),
    pinnedDevice: new Int32Array(members.length).fill(-1),
  };
  members.forEach((tasks, group) => requireDevice(problem, tasks, group));
  return problem;
}

function requireDevice(problem: PlacementProblem, tasks: readonly number[], group: number): void {
  const { taskCount, durationMs, memoryBytes, groupBytes, taskName } = problem;
  const runs = (device: number): boolean =>
    tasks.every((task) => durationMs[device * taskCount + task] < Infinity);
  const devices = Array.from(memoryBytes.keys());
  const name = `node ${tasks[0]} (${taskName[tasks[0]]})`;
  if (!devices.some(runs)) {
    throw new HeadroomError(
      'bad-instance',
      `Not a valid planning instance: ${name} shares a device with others, and no device runs them all.`,
      undefined,
      { node: taskName[tasks[0]] },
    );
  }
  if (devices.some((device) => runs(device) && groupBytes[group] <= memoryBytes[device])) return;
  throw new HeadroomError(
    'bad-instance',
    `No device has room for ${name} and what shares its device: ${groupBytes[group]} B.`,
    undefined,
    { node: taskName[tasks[0]] },
  );
}

/** Tasks of each group; groups in the order of a just-in-time walk. */
function groupsOf(instance: GraphInstance): number[][] {
  const byColour = new Map<number, number[]>();
  const members: number[][] = [];
  for (const id of justInTimeOrder(instance)) {
    const colour = instance.nodes[id].colocate;
    const known = colour === undefined ? undefined : byColour.get(colour);
    if (known) known.push(id);
    else {
      const fresh = [id];
      members.push(fresh);
      if (colour !== undefined) byColour.set(colour, fresh);
    }
  }
  return members;
}

/** A topological order with every node as late as its first reader allows: weights come next to their layer. */
function justInTimeOrder({ nodes, edges, order }: GraphInstance): number[] {
  const producers: number[][] = nodes.map(() => []);
  const isRead = new Uint8Array(nodes.length);
  for (const [from, to] of edges) {
    producers[to].push(from);
    isRead[from] = 1;
  }
  const done = new Uint8Array(nodes.length);
  /** By node: how many of its producers the walk has seen to. */
  const seen = new Int32Array(nodes.length);
  const result: number[] = [];
  for (const sink of order) {
    if (isRead[sink]) continue;
    const stack = [sink];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (!done[node] && seen[node] < producers[node].length) {
        const producer = producers[node][seen[node]++];
        if (!done[producer]) stack.push(producer);
        continue;
      }
      stack.pop();
      if (!done[node]) result.push(node);
      done[node] = 1;
    }
  }
  return result;
}

interface Results {
  readonly producer: Int32Array;
  readonly readers: Rows;
  /** The instance's edges behind each entry of `readers`. */
  readonly edges: readonly (readonly number[])[];
}

/** Every result that is read, with its readers, each once. */
function resultsOf({ nodes, edges }: GraphInstance): Results {
  const readers = nodes.map(() => new Map<number, number[]>());
  edges.forEach(([from, to], edge) => {
    appendTo(readers[from], to, edge);
  });
  const producer = nodes.flatMap((_, id) => (readers[id].size > 0 ? [id] : []));
  return {
    producer: Int32Array.from(producer),
    readers: rowsOf(producer.map((id) => [...readers[id].keys()])),
    edges: producer.flatMap((id) => [...readers[id].values()]),
  };
}

function transfersOf({ kind, devices, nodes, copyCost }: GraphInstance, results: Results): Transfers {
  if (kind !== 'remat-hetero') {
    return {
      kind: 'through-host',
      resultMs: Float64Array.from(results.producer, (node) => nodes[node].transferMs),
      isAccelerator: Uint8Array.from(devices, (device) => (device.kind === 'cpu' ? 0 : 1)),
    };
  }
  const count = devices.length;
  if (results.edges.length * count * count > maxListed)
    throw new HeadroomError(
      'limit-exceeded',
      `Too many edges and devices: ${results.edges.length}, ${count}.`,
    );
  const entryMs = new Float64Array(results.edges.length * count * count);
  results.edges.forEach((edges, entry) => {
    for (let from = 0; from < count; from++) {
      for (let to = 0; to < count; to++) {
        const direction = `${devices[from].id}->${devices[to].id}`;
        const listed = edges.reduce((sum, edge) => sum + (copyCost[edge][direction] ?? 0), 0);
        entryMs[(entry * count + from) * count + to] = from === to ? 0 : listed;
      }
    }
  });
  return { kind: 'listed', entryMs };
}

function rowsOf(rows: readonly (readonly number[])[]): Rows {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i] + row.length));
  return { offsets, items: Int32Array.from(rows.flat()) };
}
