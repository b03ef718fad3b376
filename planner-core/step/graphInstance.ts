import { HeadroomError } from '../base/errors';
import { StepBuilder } from './stepBuilder';
import { Phase, ValueKind, type NodeId, type StepGraph } from './stepGraph';

/** A device of an instance. */
export interface InstanceDevice {
  readonly id: string;
  readonly kind: string;
  /** undefined: no limit given. */
  readonly memoryBytes?: number;
}

/** Joules a node takes on a device. */
export interface NodeEnergy {
  readonly computeJ: number;
  readonly pageInJ: number;
  readonly pageOutJ: number;
}

/** A computation of an instance, as the file gives it. */
export interface InstanceNode {
  readonly name: string;
  /** By device index; Infinity where it cannot run. */
  readonly timeMs: readonly number[];
  readonly outputBytes: number;
  /** Memory it occupies on the device it is placed on (placement kinds). */
  readonly memoryBytes: number;
  /** Time to move its result between a device and host memory (placement kinds). */
  readonly transferMs: number;
  /** Nodes with the same value share a device. */
  readonly colocate?: number;
  /** By device index (paging kinds), joules: of computing it, and of moving its result to storage and back. */
  readonly energy?: readonly NodeEnergy[];
  readonly backward: boolean;
}

/**
 * A planning problem of the literature in `dnn-graph-instance/1`: computations with one result each. The step runs them
 * in the instance's order and may repeat any of them; a result is freed after its last use.
 */
export interface GraphInstance {
  readonly id: string;
  readonly kind: string;
  readonly devices: readonly InstanceDevice[];
  readonly nodes: readonly InstanceNode[];
  readonly edges: readonly (readonly [producer: number, consumer: number])[];
  /** Cost of moving edge i's result, by "from->to" device ids; {} where none is listed. */
  readonly copyCost: readonly Readonly<Record<string, number>>[];
  /**
   * All nodes on the first device, in execution order. Where results must be there at the end, a last node that costs
   * nothing and makes nothing reads them: they may be given up and computed again before.
   */
  readonly step: StepGraph;
  /** Instance node of each step node, but for the one at the end. */
  readonly order: readonly NodeId[];
  /** Peak and time without repeats, as the instance's source gives them. */
  readonly baseline?: { readonly peakBytes: number; readonly timeMs: number };
}

/** More than this is no deep-learning step but a mistake. */
const maxNodes = 200_000;
const maxEdges = 2_000_000;

/**
 * Reads an instance. Execution order: `order` where given, else the index order, else a topological one. Throws
 * 'bad-instance' for what is not one: cycles, missing or negative costs, dangling edges, devices of one name, absurd sizes.
 */
export function readGraphInstance(text: string): GraphInstance {
  const file = objectAt(parsed(text), 'the file');
  if (file.format !== 'dnn-graph-instance/1') {
    throw bad(`"format" is ${JSON.stringify(file.format)}, not "dnn-graph-instance/1"`);
  }
  const devices = listAt(file.devices, 'devices', 1000).map(readDevice);
  if (devices.length === 0) throw bad('"devices" is empty');
  const ids = devices.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  if (twice !== undefined) throw bad(`two devices have the id ${JSON.stringify(twice)}`);
  const nodes = listAt(file.nodes, 'nodes', maxNodes).map((node, id) => readNode(node, id, devices));
  if (nodes.length === 0) throw bad('"nodes" is empty');
  const edges = listAt(file.edges, 'edges', maxEdges).map((edge, i) => readEdge(edge, i, nodes.length));
  const order = executionOrder(file.order, nodes.length, edges);
  const pinned =
    file.pinned_at_end === undefined ? [] : listAt(file.pinned_at_end, 'pinned_at_end', maxNodes);
  return {
    id: textAt(file.id, 'id'),
    kind: textAt(file.kind, 'kind'),
    devices,
    nodes,
    edges,
    copyCost: readCopyCost(file.copy_cost, edges.length),
    step: stepOf(nodes, edges, order, readPinned(pinned, nodes.length)),
    order,
    baseline: readBaseline(file.baseline),
  };
}

function bad(what: string): HeadroomError {
  return new HeadroomError('bad-instance', `Not a valid planning instance: ${what}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw bad(`it is not JSON (${thrown instanceof Error ? thrown.message : String(thrown)})`);
  }
}

function objectAt(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(`${where} is no object`);
  return value as Record<string, unknown>;
}

function listAt(value: unknown, where: string, limit: number): unknown[] {
  if (!Array.isArray(value)) throw bad(`"${where}" is no list`);
  if (value.length > limit) throw bad(`"${where}" has ${value.length} entries, the limit is ${limit}`);
  return value;
}

function textAt(value: unknown, where: string): string {
  if (typeof value !== 'string') throw bad(`"${where}" is no text`);
  return value;
}

function costAt(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(`${where} is missing or no number`);
  if (value < 0) throw bad(`${where} is negative (${value})`);
  if (value > Number.MAX_SAFE_INTEGER) throw bad(`${where} is absurdly large (${value})`);
  return value;
}

function readDevice(value: unknown, index: number): InstanceDevice {
  const device = objectAt(value, `devices[${index}]`);
  const memory = device.memory_bytes;
  return {
    id: textAt(device.id, `devices[${index}].id`),
    kind: device.kind === undefined ? '' : textAt(device.kind, `devices[${index}].kind`),
    memoryBytes:
      memory === null || memory === undefined ? undefined : costAt(memory, `devices[${index}].memory_bytes`),
  };
}

function readNode(value: unknown, id: number, devices: readonly InstanceDevice[]): InstanceNode {
  const where = `nodes[${id}]`;
  const node = objectAt(value, where);
  if (node.id !== id) throw bad(`${where}.id is ${JSON.stringify(node.id)}, not its index`);
  const times = objectAt(node.time_ms, `${where}.time_ms`);
  const allowed = node.compat === undefined ? undefined : listAt(node.compat, `${where}.compat`, 1000);
  const timeMs = devices.map(({ id: device, kind }) => {
    const isAllowed = !allowed || allowed.includes(device) || allowed.includes(kind);
    const key = [device, kind].find((name) => Object.hasOwn(times, name));
    if (!isAllowed || (key === undefined && devices.length > 1)) return Infinity;
    return costAt(key === undefined ? undefined : times[key], `${where}.time_ms for ${device}`);
  });
  if (timeMs.every((time) => time === Infinity)) throw bad(`${where} has no time for any device`);
  const optional = (key: string): number =>
    node[key] === undefined || node[key] === null ? 0 : costAt(node[key], `${where}.${key}`);
  return {
    name: typeof node.name === 'string' ? node.name : String(id),
    timeMs,
    // Placement instances leave out the size of results that nobody reads: only their transfer times matter.
    outputBytes: node.output_bytes === null ? 0 : costAt(node.output_bytes, `${where}.output_bytes`),
    memoryBytes: optional('memory_bytes'),
    transferMs: optional('transfer_ms'),
    ...(node.energy_j === undefined ? {} : { energy: readEnergy(node, where, devices) }),
    colocate: typeof node.colocate === 'number' ? node.colocate : undefined,
    backward: node.backward === true,
  };
}

function readEnergy(
  node: Record<string, unknown>,
  where: string,
  devices: readonly InstanceDevice[],
): NodeEnergy[] {
  const [compute, pageIn, pageOut] = ['energy_j', 'pagein_j', 'pageout_j'].map((key) => {
    const joules = objectAt(node[key], `${where}.${key}`);
    return (device: string): number => costAt(joules[device], `${where}.${key} for ${device}`);
  });
  return devices.map(({ id }) => ({ computeJ: compute(id), pageInJ: pageIn(id), pageOutJ: pageOut(id) }));
}

function readEdge(value: unknown, index: number, nodeCount: number): [number, number] {
  const edge = listAt(value, `edges[${index}]`, 2);
  const [from, to] = edge;
  for (const end of [from, to]) {
    if (typeof end !== 'number' || !Number.isInteger(end) || end < 0 || end >= nodeCount)
      throw bad(`edges[${index}] names node ${JSON.stringify(end)}, which does not exist`);
  }
  if (from === to) throw bad(`node ${String(from)} depends on itself`);
  return [from as number, to as number];
}

function readCopyCost(value: unknown, edgeCount: number): Record<string, number>[] {
  const costs: Record<string, number>[] = Array.from({ length: edgeCount }, () => ({}));
  if (value === undefined || value === null) return costs;
  listAt(value, 'copy_cost', maxEdges).forEach((entry, i) => {
    const { edge, cost } = objectAt(entry, `copy_cost[${i}]`);
    if (typeof edge !== 'number' || !costs[edge]) throw bad(`copy_cost[${i}].edge does not exist`);
    for (const [direction, amount] of Object.entries(objectAt(cost, `copy_cost[${i}].cost`)))
      costs[edge][direction] = costAt(amount, `copy_cost[${i}].cost`);
  });
  return costs;
}

function readBaseline(value: unknown): GraphInstance['baseline'] {
  if (value === undefined || value === null) return undefined;
  const { peak_bytes: peakBytes, time, time_ms: timeMs = time } = objectAt(value, 'baseline');
  if (peakBytes === undefined || timeMs === undefined) return undefined;
  return {
    peakBytes: costAt(peakBytes, 'baseline.peak_bytes'),
    timeMs: costAt(timeMs, 'baseline.time'),
  };
}

function readPinned(pinned: readonly unknown[], nodeCount: number): NodeId[] {
  for (const id of pinned) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= nodeCount)
      throw bad(`"pinned_at_end" names node ${JSON.stringify(id)}, which does not exist`);
  }
  return [...new Set(pinned as NodeId[])];
}

function executionOrder(
  given: unknown,
  nodeCount: number,
  edges: readonly (readonly [number, number])[],
): NodeId[] {
  const topological = topologicalOrder(nodeCount, edges);
  if (given === undefined || given === null) {
    const inIndexOrder = edges.every(([from, to]) => from < to);
    return inIndexOrder ? Array.from({ length: nodeCount }, (_, id) => id) : topological;
  }
  const order = listAt(given, 'order', maxNodes);
  const position = new Int32Array(nodeCount).fill(-1);
  order.forEach((id, at) => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= nodeCount || position[id] >= 0)
      throw bad(`"order" has ${JSON.stringify(id)}, which is no node or a second time`);
    position[id] = at;
  });
  if (order.length !== nodeCount) throw bad(`"order" has ${order.length} of ${nodeCount} nodes`);
  for (const [from, to] of edges) {
    if (position[from] > position[to]) throw bad(`"order" runs node ${to} before its input ${from}`);
  }
  return order as NodeId[];
}

/** Kahn's algorithm, smallest index first among those that are ready. */
function topologicalOrder(nodeCount: number, edges: readonly (readonly [number, number])[]): NodeId[] {
  const missing = new Int32Array(nodeCount);
  const consumers: number[][] = Array.from({ length: nodeCount }, () => []);
  for (const [from, to] of edges) {
    missing[to]++;
    consumers[from].push(to);
  }
  const order: NodeId[] = [];
  const done = new Uint8Array(nodeCount);
  const visit = (start: number): void => {
    // Depth first keeps results short-lived; ready consumers follow their last input.
    const stack = [start];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      done[node] = 1;
      order.push(node);
      for (const next of [...consumers[node]].reverse()) if (--missing[next] === 0) stack.push(next);
    }
  };
  const sources = Array.from({ length: nodeCount }, (_, id) => id).filter((id) => missing[id] === 0);
  for (const source of sources) visit(source);
  if (order.length < nodeCount) {
    const stuck = done.findIndex((flag) => !flag);
    throw bad(`node ${stuck} is part of a cycle or depends on one`);
  }
  return order;
}

function stepOf(
  nodes: readonly InstanceNode[],
  edges: readonly (readonly [number, number])[],
  order: readonly NodeId[],
  pinnedAtEnd: readonly NodeId[],
): StepGraph {
  const builder = new StepBuilder();
  const inputs: number[][] = nodes.map(() => []);
  for (const [from, to] of edges) inputs[to].push(from);
  const value = new Int32Array(nodes.length);
  for (const id of order) {
    const { name, timeMs, outputBytes, backward } = nodes[id];
    value[id] = builder.value({
      name,
      bytes: outputBytes,
      kind: backward ? ValueKind.activationGradient : ValueKind.activation,
    });
    builder.node({
      name,
      phase: backward ? Phase.backward : Phase.forward,
      operator: id,
      module: 0,
      inputs: inputs[id].map((from) => value[from]),
      outputs: [value[id]],
      durationMs: [timeMs.find((time) => time !== Infinity)!],
      recomputable: true,
    });
  }
  if (pinnedAtEnd.length > 0) {
    builder.node({
      name: 'end (results that must be there then)',
      phase: Phase.backward,
      operator: -1,
      module: 0,
      inputs: pinnedAtEnd.map((id) => value[id]),
      outputs: [],
      durationMs: [0],
      recomputable: false,
    });
  }
  return builder.build(['d0'], new Float64Array(4), []);
}
