import type { LatencyModel } from '../latency/latencyModel';

/**
 * When a task on a device can start at the earliest, and what must follow it at the least, when devices and channels
 * are never busy: transfers on the way are counted, each reader choosing the best device of its producer for itself.
 * Both by [task * deviceCount + device]; Infinity where a task may not run. Every schedule keeps to them.
 */
export interface LatencyWindows {
  readonly headMs: Float64Array;
  readonly tailMs: Float64Array;
  /** The longest chain through any task. */
  readonly pathMs: number;
}

/** Of parallel devices only: with listed transfers everything is one after the other, and no path is a bound. */
export function latencyWindows(model: LatencyModel): LatencyWindows {
  const { taskCount, deviceCount, allowed, problem } = model;
  const { order, groupOf, durationMs } = problem;
  const headMs = new Float64Array(taskCount * deviceCount).fill(Infinity);
  const tailMs = new Float64Array(taskCount * deviceCount).fill(Infinity);
  for (const task of order) {
    for (const device of allowed[groupOf[task]]) {
      let head = 0;
      model.forEachProducer(task, (producer, entry) => {
        let least = Infinity;
        for (const from of allowed[groupOf[producer]]) {
          const end = headMs[producer * deviceCount + from] + durationMs[from * taskCount + producer];
          if (end < least) least = Math.min(least, end + model.delayMs(entry, from, device));
        }
        head = Math.max(head, least);
      });
      headMs[task * deviceCount + device] = head;
    }
  }
  let pathMs = 0;
  for (let at = taskCount - 1; at >= 0; at--) {
    const task = order[at];
    let through = Infinity;
    for (const device of allowed[groupOf[task]]) {
      let tail = 0;
      model.forEachReader(task, (reader, entry) => {
        let least = Infinity;
        for (const to of allowed[groupOf[reader]]) {
          const rest = durationMs[to * taskCount + reader] + tailMs[reader * deviceCount + to];
          if (rest < least) least = Math.min(least, rest + model.delayMs(entry, device, to));
        }
        tail = Math.max(tail, least);
      });
      const slot = task * deviceCount + device;
      tailMs[slot] = tail;
      through = Math.min(through, headMs[slot] + durationMs[device * taskCount + task] + tail);
    }
    pathMs = Math.max(pathMs, through);
  }
  return { headMs, tailMs, pathMs };
}

/** By task: the least over its devices of one of the windows. */
export function leastOverDevices(model: LatencyModel, windowMs: Float64Array): Float64Array {
  const { taskCount, deviceCount } = model;
  const least = new Float64Array(taskCount).fill(Infinity);
  for (let task = 0; task < taskCount; task++)
    for (let device = 0; device < deviceCount; device++)
      least[task] = Math.min(least[task], windowMs[task * deviceCount + device]);
  return least;
}
