import type { LatencyModel } from '../latency/latencyModel';

const rounds = 300;

/**
 * A bound from prices: the makespan is at least the load of each device and the length of each path, so it is at least
 * any weighted mean of them; memory that is needed beyond a limit is charged at a price. With all prices fixed every
 * group chooses for itself (the tasks of the path in a row, with the transfers between them), and the sum of the
 * cheapest choices is a bound (Lagrangian relaxation). Subgradient steps look for prices that prove much. With listed
 * transfers all times add up, and only memory has a price. Infinity: the limits leave no room. `isOver` ends the search
 * for prices.
 */
export function pricedBound(model: LatencyModel, path: readonly number[], isOver?: () => boolean): number {
  return new PricedBound(model, path).best(isOver);
}

class PricedBound {
  /** Weights of the device loads, then of the path; they sum to 1. */
  private readonly weights: Float64Array;
  /** By device: price of all its memory, in ms. */
  private readonly memoryPriceMs: Float64Array;
  /** With the choices of the last evaluation: load by device and path length; used memory. */
  private readonly measured: Float64Array;
  private readonly usedBytes: Float64Array;
  private readonly pathEntry: Int32Array;
  /** By group: the first task of it on the path; -1 for none. */
  private readonly pathTask: Int32Array;
  private readonly isOnPath: Uint8Array;

  constructor(
    private readonly model: LatencyModel,
    private readonly path: readonly number[],
  ) {
    const { deviceCount, groupCount, taskCount, problem } = model;
    // Mostly the path: from there the loads are found sooner than the other way round.
    this.weights = new Float64Array(deviceCount + 1).fill(0.1 / deviceCount);
    this.weights[deviceCount] = 0.9;
    if (model.isSerial) this.weights.fill(1);
    this.memoryPriceMs = new Float64Array(deviceCount);
    this.measured = new Float64Array(deviceCount + 1);
    this.usedBytes = new Float64Array(deviceCount);
    this.isOnPath = new Uint8Array(taskCount);
    this.pathTask = new Int32Array(groupCount).fill(-1);
    this.pathEntry = new Int32Array(path.length).fill(-1);
    if (model.isSerial) this.path = [];
    this.path.forEach((task, at) => {
      this.isOnPath[task] = 1;
      if (this.pathTask[problem.groupOf[task]] < 0) this.pathTask[problem.groupOf[task]] = task;
      if (at === 0) return;
      model.forEachProducer(task, (producer, entry) => {
        if (producer === this.path[at - 1]) this.pathEntry[at] = entry;
      });
    });
  }

  best(isOver?: () => boolean): number {
    const { model, weights, memoryPriceMs, measured, usedBytes } = this;
    const { memoryBytes } = model.problem;
    let best = 0;
    for (let round = 0; round < rounds && !isOver?.(); round++) {
      const value = this.evaluate();
      best = Math.max(best, value);
      const step = 1 / Math.sqrt(1 + round);
      const scale = Math.max(best, 1e-9);
      for (let device = 0; device < model.deviceCount; device++) {
        if (memoryBytes[device] === Infinity) continue;
        const excess =
          memoryBytes[device] > 0 ? usedBytes[device] / memoryBytes[device] - 1 : usedBytes[device];
        memoryPriceMs[device] = Math.max(0, memoryPriceMs[device] + 0.2 * step * scale * excess);
      }
      if (model.isSerial) continue;
      let sum = 0;
      for (let i = 0; i < weights.length; i++) {
        weights[i] *= Math.exp(Math.max(-1, Math.min(1, step * (measured[i] / scale - 1))));
        // No weight vanishes for good.
        weights[i] = Math.max(weights[i], 1e-9);
        sum += weights[i];
      }
      for (let i = 0; i < weights.length; i++) weights[i] /= sum;
    }
    return best;
  }

  /** The bound that the prices prove; notes what its choices amount to. */
  private evaluate(): number {
    const { model, weights, memoryPriceMs, measured, usedBytes, path } = this;
    const { taskCount, deviceCount, groupCount, allowed, problem } = model;
    const { groupOf, durationMs } = problem;
    measured.fill(0);
    usedBytes.fill(0);
    let value = 0;
    for (let device = 0; device < deviceCount; device++) value -= memoryPriceMs[device];
    for (let group = 0; group < groupCount; group++) {
      if (this.pathTask[group] >= 0) continue;
      let least = Infinity;
      let chosen = allowed[group][0];
      for (const device of allowed[group]) {
        const cost = this.offPathCost(group, device);
        if (cost >= least) continue;
        least = cost;
        chosen = device;
      }
      value += least;
      this.note(group, chosen);
    }
    if (path.length === 0) return value;
    // The tasks of the path in a row, by dynamic programming over their devices.
    const pathWeight = weights[deviceCount];
    const cost = new Float64Array(path.length * deviceCount).fill(Infinity);
    const before = new Uint8Array(path.length * deviceCount);
    path.forEach((task, at) => {
      const group = groupOf[task];
      for (const device of allowed[group]) {
        let own = (weights[device] + pathWeight) * durationMs[device * taskCount + task];
        if (this.pathTask[group] === task) own += this.offPathCost(group, device);
        let least = at === 0 ? 0 : Infinity;
        for (let from = 0; at > 0 && from < deviceCount; from++) {
          const previous = cost[(at - 1) * deviceCount + from];
          if (previous >= least) continue;
          const sum = previous + pathWeight * model.delayMs(this.pathEntry[at], from, device);
          if (sum >= least) continue;
          least = sum;
          before[at * deviceCount + device] = from;
        }
        cost[at * deviceCount + device] = own + least;
      }
    });
    const last = path.length - 1;
    let device = allowed[groupOf[path[last]]][0];
    for (const other of allowed[groupOf[path[last]]])
      if (cost[last * deviceCount + other] < cost[last * deviceCount + device]) device = other;
    value += cost[last * deviceCount + device];
    for (let at = last; at >= 0; at--) {
      const task = path[at];
      const ms = durationMs[device * taskCount + task];
      measured[device] += ms;
      measured[deviceCount] += ms;
      if (this.pathTask[groupOf[task]] === task) this.note(groupOf[task], device);
      const from = before[at * deviceCount + device];
      if (at > 0) measured[deviceCount] += model.delayMs(this.pathEntry[at], from, device);
      device = from;
    }
    return value;
  }

  /** What a group costs on a device at the present prices, without its tasks on the path. */
  private offPathCost(group: number, device: number): number {
    const { groupBytes, memoryBytes } = this.model.problem;
    const bytes = groupBytes[group];
    const share = bytes === 0 || memoryBytes[device] === Infinity ? 0 : bytes / memoryBytes[device];
    return this.weights[device] * this.offPathMs(group, device) + this.memoryPriceMs[device] * share;
  }

  private offPathMs(group: number, device: number): number {
    const { taskCount, problem } = this.model;
    const { offsets, items } = problem.groups;
    let sum = 0;
    for (let i = offsets[group]; i < offsets[group + 1]; i++)
      if (!this.isOnPath[items[i]]) sum += problem.durationMs[device * taskCount + items[i]];
    return sum;
  }

  private note(group: number, device: number): void {
    this.measured[device] += this.offPathMs(group, device);
    this.usedBytes[device] += this.model.problem.groupBytes[group];
  }
}
