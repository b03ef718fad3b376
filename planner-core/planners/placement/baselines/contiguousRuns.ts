import type { LatencyModel } from '../latency/latencyModel';
import type { Placement } from '../problem';

/** Beyond this many groups the programme over all runs would take too long; it then looks at every few cuts only. */
const mostCuts = 1200;

/**
 * Cuts the groups, in their order, into runs: the first on devices[0], the next on devices[1] and so on (devices may
 * stay empty). 'sum': the least sum of all times and of the slowest transfer at each cut, the latency of a chain.
 * 'slowest': the least load of the slowest device, with what it sends and receives, as PipeDream does (Narayanan et
 * al., SOSP 2019). A dynamic programme over cuts. undefined when memory allows no such runs.
 */
export function contiguousRuns(
  model: LatencyModel,
  devices: readonly number[],
  objective: 'sum' | 'slowest',
): Placement | undefined {
  const { groupCount } = model;
  const stride = Math.max(1, Math.ceil(groupCount / mostCuts));
  const cuts = [...Array(Math.ceil(groupCount / stride)).keys()].map((i) => i * stride);
  cuts.push(groupCount);
  const cutCount = cuts.length;
  /** [k][j]: least cost of the groups before cut j in the first k + 1 runs; and where the last of them begins. */
  const costs: Float64Array[] = [];
  const begins: Int32Array[] = [];
  devices.forEach((device, k) => {
    const cost = new Float64Array(cutCount).fill(Infinity);
    const begin = new Int32Array(cutCount);
    const timeMs = prefixSums(model, device);
    const inMs = k === 0 ? undefined : crossingMs(model, devices[k - 1], device, objective);
    const outMs = k + 1 < devices.length ? crossingMs(model, device, devices[k + 1], objective) : undefined;
    const bytes = prefixBytes(model);
    const limit = model.problem.memoryBytes[device];
    for (let j = 0; j < cutCount; j++) {
      if (k > 0) {
        cost[j] = costs[k - 1][j];
        begin[j] = j;
      } else if (j === 0) cost[0] = 0;
      for (let i = j - 1; i >= 0; i--) {
        const from = cuts[i];
        const to = cuts[j];
        if (bytes[to] - bytes[from] > limit || timeMs.barred[to] > timeMs.barred[from]) break;
        const before = k === 0 ? (i === 0 ? 0 : Infinity) : costs[k - 1][i];
        if (before === Infinity) continue;
        const ms = timeMs.sum[to] - timeMs.sum[from];
        const received = i > 0 && inMs ? inMs[from] : 0;
        const sent = j < cutCount - 1 && outMs ? outMs[to] : 0;
        const total = objective === 'sum' ? before + ms + received : Math.max(before, ms + received + sent);
        if (total >= cost[j]) continue;
        cost[j] = total;
        begin[j] = i;
      }
    }
    costs.push(cost);
    begins.push(begin);
  });
  if (costs[devices.length - 1][cutCount - 1] === Infinity) return undefined;
  const placement = new Uint8Array(groupCount);
  for (let k = devices.length - 1, end = cutCount - 1; k >= 0; k--) {
    const start = begins[k][end];
    placement.fill(devices[k], cuts[start], cuts[end]);
    end = start;
  }
  return placement;
}

/** Sums over the groups before each: times on a device, and how many groups may not be there. */
function prefixSums(model: LatencyModel, device: number): { sum: Float64Array; barred: Int32Array } {
  const { groupCount, taskCount, allowed, problem } = model;
  const sum = new Float64Array(groupCount + 1);
  const barred = new Int32Array(groupCount + 1);
  for (let group = 0; group < groupCount; group++) {
    const isAllowed = allowed[group].includes(device);
    barred[group + 1] = barred[group] + (isAllowed ? 0 : 1);
    sum[group + 1] = sum[group];
    for (let i = problem.groups.offsets[group]; isAllowed && i < problem.groups.offsets[group + 1]; i++)
      sum[group + 1] += problem.durationMs[device * taskCount + problem.groups.items[i]];
  }
  return { sum, barred };
}

function prefixBytes({ groupCount, problem }: LatencyModel): Float64Array {
  const bytes = new Float64Array(groupCount + 1);
  for (let group = 0; group < groupCount; group++)
    bytes[group + 1] = bytes[group] + problem.groupBytes[group];
  return bytes;
}

/** By cut: time of the transfers that cross it, between two devices; the slowest or the sum of all. */
function crossingMs(
  model: LatencyModel,
  from: number,
  to: number,
  objective: 'sum' | 'slowest',
): Float64Array {
  const { groupCount, problem } = model;
  const { groupOf, resultProducer, resultReaders } = problem;
  const isParallel = objective === 'sum' && !model.isSerial;
  const crossing = new Float64Array(groupCount + 1);
  for (let result = 0; result < resultProducer.length; result++) {
    const producer = resultProducer[result];
    if (producer < 0) continue;
    const home = groupOf[producer];
    let low = home;
    let high = home;
    for (let entry = resultReaders.offsets[result]; entry < resultReaders.offsets[result + 1]; entry++) {
      low = Math.min(low, groupOf[resultReaders.items[entry]]);
      high = Math.max(high, groupOf[resultReaders.items[entry]]);
    }
    if (low === high) continue;
    const ms = model.delayMs(resultReaders.offsets[result], from, to);
    for (let cut = low + 1; cut <= high; cut++)
      crossing[cut] = isParallel ? Math.max(crossing[cut], ms) : crossing[cut] + ms;
  }
  return crossing;
}
