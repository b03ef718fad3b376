import type { Job } from '../../../base/job';
import type { Placement, PlacementProblem } from '../problem';
import type { PeriodPlan } from './annealLoads';
import { Clusters, expanded, joinedModel } from './clusters';
import { chainLattice, idealLattice } from './idealLattice';
import { linearOrders, precedenceOf } from './linearOrders';
import type { LoadModel } from './loadModel';
import { LoadState } from './loadState';
import { splitLattice } from './splitLattice';

/** All contiguous splits are looked at where there are at most so many downward-closed sets. */
const mostIdeals = 6000;

/** Splitting takes the square of the groups: longer orders are bundled to so many. */
const mostSplitGroups = 1500;

export interface NamedPlan extends PeriodPlan {
  readonly planner: string;
}

/** Calls `found` with every valid placement that is quick to find: on one device, and split along several orders. */
export async function quickStarts(
  problem: PlacementProblem,
  model: LoadModel,
  found: (plan: NamedPlan) => void,
  job: Job,
): Promise<void> {
  for (let device = 0; device < model.deviceCount; device++)
    offer(model, new Uint8Array(model.groupCount).fill(device), 'one device', found);
  let belowMs = Infinity;
  for (const order of linearOrders(problem, precedenceOf(problem))) {
    const split = await splitOrder(model, order, belowMs, job);
    if (!split) continue;
    const periodMs = offer(model, split, 'contiguous split', found);
    if (model.transfers.kind === 'through-host') belowMs = Math.min(belowMs, periodMs);
  }
  offer(model, byRoom(model), 'most room', found);
}

/** The best contiguous split, where there are few enough sets to look at all; only if its period is below `belowMs`. */
export async function contiguousStart(
  problem: PlacementProblem,
  model: LoadModel,
  belowMs: number,
  found: (plan: NamedPlan) => void,
  job: Job,
): Promise<void> {
  if (model.groupCount > mostSplitGroups) return;
  const lattice = idealLattice(precedenceOf(problem), mostIdeals);
  const split = lattice && (await splitLattice(model, lattice, belowMs, job));
  if (split) offer(model, split, 'best contiguous split', found);
}

async function splitOrder(
  model: LoadModel,
  order: Int32Array,
  belowMs: number,
  job: Job,
): Promise<Placement | undefined> {
  if (order.length <= mostSplitGroups) return splitLattice(model, chainLattice(order), belowMs, job);
  const clusters = new Clusters(order.length);
  const length = Math.ceil(order.length / mostSplitGroups);
  order.forEach((group, at) => clusters.join(order[at - (at % length)], group));
  const joined = joinedModel(model, clusters);
  const bundles = new Set<number>();
  for (const group of order) bundles.add(joined.clusterOf[group]);
  const split = await splitLattice(joined.model, chainLattice(Int32Array.from(bundles)), belowMs, job);
  return split && expanded(joined, split);
}

function offer(
  model: LoadModel,
  placement: Placement,
  planner: string,
  found: (plan: NamedPlan) => void,
): number {
  for (let group = 0; group < model.groupCount; group++)
    if (model.timeMs[placement[group] * model.groupCount + group] === Infinity) return Infinity;
  const state = new LoadState(model, placement);
  if (!state.isValid) return Infinity;
  found({ placement, periodMs: state.periodMs, planner });
  return state.periodMs;
}

/** The largest groups first, each where most room is left: for tight memory. */
export function byRoom(model: LoadModel): Placement {
  const { groupCount, deviceCount, timeMs, bytes, memoryBytes } = model;
  const groups = Int32Array.from({ length: groupCount }, (_, group) => group);
  groups.sort((a, b) => bytes[b] - bytes[a] || a - b);
  const placement = new Uint8Array(groupCount);
  const room = memoryBytes.slice();
  const loadMs = new Float64Array(deviceCount);
  for (const group of groups) {
    let best = -1;
    for (let device = 0; device < deviceCount; device++) {
      if (timeMs[device * groupCount + group] === Infinity) continue;
      const isBetter =
        best < 0 ||
        room[device] > room[best] ||
        (room[device] === room[best] && loadMs[device] < loadMs[best]);
      if (isBetter) best = device;
    }
    placement[group] = Math.max(0, best);
    room[placement[group]] -= bytes[group];
    loadMs[placement[group]] += timeMs[placement[group] * groupCount + group];
  }
  return placement;
}
