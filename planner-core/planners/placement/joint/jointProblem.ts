import { appendTo } from '../../../base/groups';
import type { GraphInstance } from '../../../step/graphInstance';
import type { Rows } from '../../../step/stepGraph';

/**
 * Placement together with recomputation, as XEngine states it (Schuler et al., ACM TACO 2022): tasks with one result
 * each run one after the other, on any device and as often as it pays; a result is read on the device where it is, or
 * copied there first. Copies cost time and occupy bytes until they are freed. The sum of all times counts. Unlike in
 * XEngine's own model a copy may stay, and may be copied on.
 */
export interface JointProblem {
  /** Tasks are numbered in the order of their first runs. */
  readonly taskCount: number;
  readonly deviceCount: number;
  /** durationMs[device * taskCount + task]; Infinity where a task cannot run. */
  readonly durationMs: Float64Array;
  /** Bytes of each task's result. */
  readonly resultBytes: Float64Array;
  /** By task: the tasks whose results it reads, each once. */
  readonly inputs: Rows;
  /**
   * copyMs[(entry * deviceCount + from) * deviceCount + to], entry: index in inputs.items. A copy costs what is listed
   * for its first reader, and the most that is listed for any when nobody reads it there.
   */
  readonly copyMs: Float64Array;
  /** By task: 1 where the result must be on some device at the end. */
  readonly isKept: Uint8Array;
  /** By device; Infinity where there is no limit. */
  readonly memoryBytes: Float64Array;
}

/** One thing to do. */
export type JointAction =
  | { readonly op: 'compute'; readonly task: number; readonly device: number }
  | { readonly op: 'copy'; readonly task: number; readonly from: number; readonly to: number }
  | { readonly op: 'free'; readonly task: number; readonly device: number };

/** The joint problem of an instance, with no more than `limitBytes` on any device. */
export function jointProblemOf(instance: GraphInstance, limitBytes = Infinity): JointProblem {
  const { nodes, edges, order, devices, copyCost, step } = instance;
  const taskCount = nodes.length;
  const deviceCount = devices.length;
  const taskOf = new Int32Array(taskCount);
  order.forEach((node, task) => (taskOf[node] = task));

  const edgesInto = nodes.map(() => new Map<number, number[]>());
  edges.forEach(([from, to], edge) => {
    const into = edgesInto[taskOf[to]];
    appendTo(into, taskOf[from], edge);
  });
  const offsets = new Int32Array(taskCount + 1);
  const items: number[] = [];
  const copyMs: number[] = [];
  edgesInto.forEach((into, task) => {
    for (const [input, parallel] of into) {
      items.push(input);
      for (const { id: from } of devices)
        for (const { id: to } of devices)
          copyMs.push(parallel.reduce((sum, edge) => sum + (copyCost[edge][`${from}->${to}`] ?? 0), 0));
    }
    offsets[task + 1] = items.length;
  });

  const isKept = new Uint8Array(taskCount);
  // The node beyond the last one only reads what must be there at the end.
  if (step.nodeCount > taskCount) {
    for (let i = step.inputs.offsets[taskCount]; i < step.inputs.offsets[taskCount + 1]; i++)
      isKept[step.producer[step.inputs.items[i]]] = 1;
  }
  const inputs = { offsets, items: Int32Array.from(items) };
  const durationMs = new Float64Array(deviceCount * taskCount);
  order.forEach((node, task) => {
    nodes[node].timeMs.forEach((time, device) => (durationMs[device * taskCount + task] = time));
  });
  return {
    taskCount,
    deviceCount,
    durationMs,
    resultBytes: Float64Array.from(order, (node) => nodes[node].outputBytes),
    inputs,
    copyMs: Float64Array.from(copyMs),
    isKept,
    memoryBytes: Float64Array.from(devices, ({ memoryBytes }) =>
      Math.min(limitBytes, memoryBytes ?? Infinity),
    ),
  };
}

/** By result and direction, [(task * deviceCount + from) * deviceCount + to]: the most that is listed for any reader. */
export function dearestCopies({ taskCount, deviceCount, inputs, copyMs }: JointProblem): Float64Array {
  const directions = deviceCount * deviceCount;
  const dearest = new Float64Array(taskCount * directions);
  inputs.items.forEach((task, entry) => {
    for (let direction = 0; direction < directions; direction++) {
      const at = task * directions + direction;
      dearest[at] = Math.max(dearest[at], copyMs[entry * directions + direction]);
    }
  });
  return dearest;
}

/** Proven: no schedule takes less, for every task runs at least once, on some device. By first task: the rest. */
export function fastestRest({ taskCount, deviceCount, durationMs }: JointProblem): Float64Array {
  const rest = new Float64Array(taskCount + 1);
  for (let task = taskCount - 1; task >= 0; task--) {
    let fastest = Infinity;
    for (let device = 0; device < deviceCount; device++)
      fastest = Math.min(fastest, durationMs[device * taskCount + task]);
    rest[task] = rest[task + 1] + fastest;
  }
  return rest;
}
