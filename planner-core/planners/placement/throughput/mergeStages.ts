import type { Placement, PlacementProblem } from '../problem';
import { linearOrders, precedenceOf } from './linearOrders';
import { loadModelOf, type LoadModel } from './loadModel';
import { LoadState } from './loadState';

/** Neighbouring groups on one device, in an order of all of them. */
interface Run {
  readonly groups: readonly number[];
  readonly device: number;
}

/** What fewer stages may cost: shares by which the busiest part may be busier. */
const moreLoad = [0, 0.1, 0.25, 0.5];

/** Placements like the given one in fewer and fewer stages, each once. */
export function inFewerStages(problem: PlacementProblem, placement: Placement): Placement[] {
  const model = loadModelOf(problem);
  const orders = linearOrders(problem, precedenceOf(problem));
  const order = orders[Math.min(1, orders.length - 1)];
  const { periodMs } = new LoadState(model, placement);
  const seen = new Set([placement.join()]);
  return moreLoad.flatMap((share) => {
    const merged = mergeStages(model, placement, order, periodMs * (1 + share));
    if (seen.has(merged.join())) return [];
    seen.add(merged.join());
    return [merged];
  });
}

/**
 * A placement in fewer stages: each goes to the device of a neighbour, shortest first, as long as the period stays within
 * `mostMs` and memory. Stages cost a stream steps in flight, which the load of devices does not show.
 */
function mergeStages(model: LoadModel, placement: Placement, order: Int32Array, mostMs: number): Placement {
  const state = new LoadState(model, placement);
  const timeMs = (run: Run, device: number): number =>
    run.groups.reduce((sum, group) => sum + model.timeMs[device * model.groupCount + group], 0);
  const moved = (run: Run, device: number): boolean => {
    if (timeMs(run, device) === Infinity) return false;
    for (const group of run.groups) state.move(group, device);
    if (state.isValid && state.periodMs <= mostMs) return true;
    for (const group of run.groups) state.move(group, run.device);
    return false;
  };
  for (let merged = true; merged;) {
    merged = false;
    const runs = runsOf(state.placement, order);
    const shortestFirst = runs.map((run, at) => ({ run, at, ms: timeMs(run, run.device) }));
    shortestFirst.sort((a, b) => a.ms - b.ms || a.at - b.at);
    for (const { run, at } of shortestFirst) {
      const neighbours = new Set([runs[at - 1], runs[at + 1]].flatMap((other) => other?.device ?? []));
      merged = [...neighbours].some((device) => moved(run, device));
      if (merged) break;
    }
  }
  return state.placement;
}

function runsOf(placement: Placement, order: Int32Array): Run[] {
  const runs: { groups: number[]; device: number }[] = [];
  for (const group of order) {
    if (runs.at(-1)?.device !== placement[group]) runs.push({ groups: [], device: placement[group] });
    runs.at(-1)!.groups.push(group);
  }
  return runs;
}
