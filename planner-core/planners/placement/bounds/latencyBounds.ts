import type { LatencyModel } from '../latency/latencyModel';
import { latencyWindows, leastOverDevices, type LatencyWindows } from './latencyWindows';
import { pricedBound } from './pricedBound';

/** Heads and tails are looked at in at most this many steps each. */
const levels = 24;

/** Times that no schedule of a placement problem beats; each is proven by itself. */
export interface LatencyBounds {
  /** The longest path, each task and transfer at its best. */
  readonly pathMs: number;
  /** Work that cannot start before a time nor be followed by less than another, spread over the devices. */
  readonly loadMs: number;
  /** Loads, path and memory limits together. */
  readonly pricedMs: number;
  /** The greatest. */
  readonly bestMs: number;
}

/**
 * Bounds on the makespan; with listed transfers, on the sum of all times. `isOver` ends the search for good ones early:
 * what is given is proven all the same.
 */
export function latencyBounds(model: LatencyModel, isOver?: () => boolean): LatencyBounds {
  if (model.isSerial) {
    const pricedMs = pricedBound(model, [], isOver);
    return { pathMs: 0, loadMs: 0, pricedMs, bestMs: pricedMs };
  }
  const windows = latencyWindows(model);
  const { pathMs } = windows;
  const loadMs = windowLoad(model, windows);
  const pricedMs = pricedBound(model, longestPath(model), isOver);
  return { pathMs, loadMs, pricedMs, bestMs: Math.max(pathMs, loadMs, pricedMs) };
}

/**
 * For a head h and a tail q: the tasks that start at h or later and are followed by q or more all lie within makespan −
 * h − q, so with weights of the devices that sum to 1 the makespan is at least h + q + the sum of their cheapest
 * weighted durations.
 */
function windowLoad(model: LatencyModel, windows: LatencyWindows): number {
  const heads = leastOverDevices(model, windows.headMs);
  const tails = leastOverDevices(model, windows.tailMs);
  const weights = balancedWeights(model);
  const { taskCount, problem } = model;
  const least = new Float64Array(taskCount).fill(Infinity);
  for (let task = 0; task < taskCount; task++)
    for (const device of model.allowed[problem.groupOf[task]])
      least[task] = Math.min(least[task], weights[device] * problem.durationMs[device * taskCount + task]);
  let best = 0;
  for (const head of someOf(heads)) {
    for (const tail of someOf(tails)) {
      let load = 0;
      for (let task = 0; task < taskCount; task++)
        if (heads[task] >= head && tails[task] >= tail) load += least[task];
      if (load > 0) best = Math.max(best, head + load + tail);
    }
  }
  return best;
}

/** Weights of the devices, summing to 1, under which the cheapest weighted durations of all tasks sum to much. */
function balancedWeights(model: LatencyModel): Float64Array {
  const { taskCount, deviceCount, allowed, problem } = model;
  let weights = new Float64Array(deviceCount).fill(1 / deviceCount);
  let best = weights;
  let most = 0;
  const load = new Float64Array(deviceCount);
  for (let round = 0; round < 200; round++) {
    load.fill(0);
    let value = 0;
    for (let task = 0; task < taskCount; task++) {
      let least = Infinity;
      let chosen = 0;
      for (const device of allowed[problem.groupOf[task]]) {
        const cost = weights[device] * problem.durationMs[device * taskCount + task];
        if (cost >= least) continue;
        least = cost;
        chosen = device;
      }
      value += least;
      load[chosen] += problem.durationMs[chosen * taskCount + task];
    }
    if (value > most) {
      most = value;
      best = weights;
    }
    const step = 1 / Math.sqrt(1 + round);
    const scale = Math.max(most, 1e-9);
    const next = weights.map((weight, device) => {
      const change = Math.max(-1, Math.min(1, step * (load[device] / scale - 1)));
      return Math.max(1e-9, weight * Math.exp(change));
    });
    const sum = next.reduce((all, weight) => all + weight, 0);
    weights = next.map((weight) => weight / sum);
  }
  return best;
}

/** The distinct values, thinned evenly to a few. */
function someOf(values: Float64Array): number[] {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (distinct.length <= levels) return distinct;
  return Array.from({ length: levels }, (_, i) => distinct[Math.floor((i * distinct.length) / levels)]);
}

/** The tasks of a longest path at the fastest durations. */
function longestPath(model: LatencyModel): number[] {
  const { headMs, fastestMs, tailMs, taskCount } = model;
  if (taskCount === 0) return [];
  let last = 0;
  for (let task = 1; task < taskCount; task++)
    if (headMs[task] + fastestMs[task] + tailMs[task] > headMs[last] + fastestMs[last] + tailMs[last])
      last = task;
  const path = [last];
  for (;;) {
    let before = -1;
    model.forEachProducer(path[0], (producer) => {
      if (before < 0 || headMs[producer] + fastestMs[producer] > headMs[before] + fastestMs[before])
        before = producer;
    });
    if (before < 0) break;
    path.unshift(before);
  }
  for (;;) {
    let next = -1;
    model.forEachReader(path[path.length - 1], (reader) => {
      if (next < 0 || fastestMs[reader] + tailMs[reader] > fastestMs[next] + tailMs[next]) next = reader;
    });
    if (next < 0) return path;
    path.push(next);
  }
}
