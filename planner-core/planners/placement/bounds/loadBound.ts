import type { LoadModel } from '../throughput/loadModel';
import { reduceBelow } from '../throughput/reduceBelow';

/** Steps of the search for good weights of the devices, and of the search for the period. */
const weightSteps = 200;
const periodSteps = 24;

/**
 * Proven: no placement has a shorter period. Work may be split at will over the devices (the linear relaxation), but what no
 * placement with that period can part stays together.
 */
export function loadBound(model: LoadModel, periodMs: number): number {
  let low = Math.min(periodMs, Math.max(fractionalLoad(model), largestGroup(model)));
  let high = periodMs;
  for (let step = 0; step < periodSteps && high - low > 1e-9 * high; step++) {
    const middle = (low + high) / 2;
    const reduced = reduceBelow(model, middle);
    // No placement below `middle`, or none below what remains takes.
    const proven = reduced ? Math.min(middle, fractionalLoad(reduced.model)) : middle;
    if (proven >= middle) low = middle;
    else {
      low = Math.max(low, proven);
      high = middle;
    }
  }
  return low;
}

/** The longest of the groups, each on its fastest device. */
function largestGroup({ groupCount, deviceCount, timeMs }: LoadModel): number {
  let most = 0;
  for (let group = 0; group < groupCount; group++) {
    let least = Infinity;
    for (let device = 0; device < deviceCount; device++)
      least = Math.min(least, timeMs[device * groupCount + group]);
    most = Math.max(most, least);
  }
  return most;
}

/**
 * The period if every group could be split over the devices: for any weights of the devices that sum to one, the weighted mean of
 * the loads is at least the sum over groups of their cheapest weighted time, which is a bound whatever the weights are. They
 * are improved by multiplicative updates (Arora, Hazan and Kale, Theory of Computing 2012).
 */
export function fractionalLoad(model: LoadModel): number {
  const { groupCount, deviceCount, timeMs } = model;
  const weight = new Float64Array(deviceCount).fill(1 / deviceCount);
  const load = new Float64Array(deviceCount);
  let best = 0;
  for (let step = 0; step < weightSteps; step++) {
    load.fill(0);
    let total = 0;
    for (let group = 0; group < groupCount; group++) {
      let least = Infinity;
      for (let device = 0; device < deviceCount; device++)
        least = Math.min(least, weight[device] * timeMs[device * groupCount + group]);
      if (least === Infinity) return Infinity;
      total += least;
      share(model, group, least, weight, load);
    }
    best = Math.max(best, total);
    let most = 0;
    for (const ms of load) most = Math.max(most, ms);
    if (most === 0 || total >= most * (1 - 1e-9)) break;
    // Devices with more to do than others become dearer.
    const rate = 1 / (2 + step / 4);
    let sum = 0;
    for (let device = 0; device < deviceCount; device++) {
      weight[device] *= Math.exp((rate * load[device]) / most);
      sum += weight[device];
    }
    for (let device = 0; device < deviceCount; device++) weight[device] /= sum;
  }
  return best;
}

/** Spreads a group evenly over the devices on which it is cheapest. */
function share(
  { groupCount, deviceCount, timeMs }: LoadModel,
  group: number,
  least: number,
  weight: Float64Array,
  load: Float64Array,
): void {
  const isCheapest = (device: number): boolean =>
    weight[device] * timeMs[device * groupCount + group] <= least * (1 + 1e-9);
  let count = 0;
  for (let device = 0; device < deviceCount; device++) if (isCheapest(device)) count++;
  for (let device = 0; device < deviceCount; device++)
    if (isCheapest(device)) load[device] += timeMs[device * groupCount + group] / count;
}
