import type { GraphInstance } from '../../step/graphInstance';
import type { InstanceAction, InstanceSolution, SolveRequest } from '../solveInstance';
import { contiguousSplit } from './contiguousSplit';
import { copyingCost, devicePeaks } from './copyingCost';
import { exhaustivePlacement, localMoves } from './localMoves';
import { pipelineLoad } from './pipelineLoad';
import { groupsOf, type Grouping, type Placement } from './placement';
import { sampleLatency } from './sampleLatency';

/** Up to this many placements, all are tried. */
const exhaustiveLimit = 20_000;

/**
 * Places an instance on its devices: everything on one device, contiguous splits of the order, and a list-scheduling
 * greedy are starting points for local moves; tiny instances are solved by trying everything. Respects memory limits,
 * compatibility and colocation.
 */
export function placeInstance(
  instance: GraphInstance,
  request: SolveRequest,
  isOver: () => boolean,
): Omit<InstanceSolution, 'solveMs'> {
  const grouping = groupsOf(instance);
  const cost = objectiveOf(instance, request)(instance, grouping);
  const deviceCount = instance.devices.length;
  const singles = instance.devices.map((_, device) => new Int32Array(grouping.groups.length).fill(device));
  const isRunnable = (placement: Placement): boolean =>
    grouping.groups.every((group, index) => group.timeMs[placement[index]] !== Infinity);
  const bestSingle = Math.min(...singles.filter(isRunnable).map(cost));

  let best = exhaustivePlacement(grouping, deviceCount, cost, exhaustiveLimit);
  let planner = 'all placements';
  if (!best) {
    planner = 'contiguous splits, greedy and local moves';
    const starts = [
      ...singles.filter(isRunnable),
      ...splits(instance, grouping),
      greedy(instance, grouping, cost),
    ];
    const ranked = starts
      .map((placement) => ({ placement, cost: cost(placement) }))
      .sort((a, b) => a.cost - b.cost);
    for (const start of ranked.slice(0, 4)) {
      const found = localMoves(grouping, deviceCount, cost, start.placement, isOver);
      if (!best || found.cost < best.cost) best = found;
    }
  }
  const { placement, cost: timeTotal } = best!;
  const feasible = Number.isFinite(timeTotal);
  const deviceOf = (node: number): number => placement[grouping.groupOf[node]];
  const reference = Number.isFinite(bestSingle) ? bestSingle : timeTotal;
  const percent = (time: number): number => (feasible && reference > 0 ? 100 * (time / reference - 1) : 0);
  const lowest = Math.min(timeTotal, leastPossible(instance, grouping, request));
  return {
    feasible,
    timeTotal,
    overheadPercent: percent(timeTotal),
    peakBytes: Math.max(...peaksOf(instance, grouping, placement)),
    lowerBoundPercent: percent(lowest),
    gapPercent: percent(timeTotal) - percent(lowest),
    planner,
    schedule: actionsOf(instance, deviceOf),
    placement: instance.nodes.map((_, node) => instance.devices[deviceOf(node)].id),
    message: feasible ? undefined : 'No placement found that respects the memory limits.',
  };
}

type Objective = (instance: GraphInstance, grouping: Grouping) => (placement: Placement) => number;

function objectiveOf({ kind }: GraphInstance, { objective }: SolveRequest): Objective {
  if (kind === 'remat-hetero') return copyingCost;
  if (objective === 'latency') return sampleLatency;
  if (objective === 'throughput') return pipelineLoad;
  return kind === 'placement-latency' ? sampleLatency : pipelineLoad;
}

/** Contiguous splits over each kind of device, with every number of devices. */
function splits(instance: GraphInstance, grouping: Grouping): Placement[] {
  const kinds = [...new Set(instance.devices.map((device) => device.kind))];
  return kinds.flatMap((kind) => {
    const devices = instance.devices.flatMap((device, index) => (device.kind === kind ? [index] : []));
    return devices.flatMap(
      (_, last) => contiguousSplit(instance, grouping, devices.slice(0, last + 1)) ?? [],
    );
  });
}

/** Groups in order, each to the device that keeps the cost of those placed so far least, the others on the last device. */
function greedy(
  instance: GraphInstance,
  { groups }: Grouping,
  cost: (placement: Placement) => number,
): Placement {
  const rest = instance.devices.length - 1;
  const placement = new Int32Array(groups.length).fill(rest);
  groups.forEach((group, index) => {
    let least = Infinity;
    let best = rest;
    group.timeMs.forEach((time, device) => {
      if (time === Infinity) return;
      placement[index] = device;
      const trial = cost(placement);
      if (trial >= least) return;
      least = trial;
      best = device;
    });
    placement[index] = best;
  });
  return placement;
}

/**
 * A bound no placement can beat: all work at its fastest; for throughput shared evenly over the devices, but never less
 * than the largest group; for latency the longest path without transfers.
 */
function leastPossible(instance: GraphInstance, { groups }: Grouping, request: SolveRequest): number {
  const objective = objectiveOf(instance, request);
  const fastest = groups.map((group) => Math.min(...group.timeMs));
  const total = fastest.reduce((sum, time) => sum + time, 0);
  if (objective === copyingCost) return total;
  if (objective === pipelineLoad) return Math.max(total / instance.devices.length, ...fastest);
  const finish = new Float64Array(instance.nodes.length);
  const producers: number[][] = instance.nodes.map(() => []);
  for (const [from, to] of instance.edges) producers[to].push(from);
  for (const node of instance.order) {
    const start = Math.max(0, ...producers[node].map((producer) => finish[producer]));
    finish[node] = start + Math.min(...instance.nodes[node].timeMs);
  }
  return Math.max(...finish);
}

function peaksOf(instance: GraphInstance, grouping: Grouping, placement: Placement): number[] {
  const occupied = instance.devices.map(() => 0);
  grouping.groups.forEach((group, index) => (occupied[placement[index]] += group.memoryBytes));
  if (occupied.some((bytes) => bytes > 0)) return occupied;
  return devicePeaks(instance, (node) => placement[grouping.groupOf[node]]);
}

function actionsOf(instance: GraphInstance, deviceOf: (node: number) => number): InstanceAction[] {
  const producers: number[][] = instance.nodes.map(() => []);
  for (const [from, to] of instance.edges) producers[to].push(from);
  const copied = new Set<string>();
  return instance.order.flatMap((node): InstanceAction[] => {
    const device = instance.devices[deviceOf(node)].id;
    const copies = producers[node].flatMap((producer): InstanceAction[] => {
      const from = instance.devices[deviceOf(producer)].id;
      if (from === device || copied.has(`${producer} ${device}`)) return [];
      copied.add(`${producer} ${device}`);
      return [{ op: 'copy', node: producer, from, to: device }];
    });
    return [...copies, { op: 'compute', node, device }];
  });
}
