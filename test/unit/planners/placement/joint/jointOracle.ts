import type { JointProblem } from '../../../../../planner-core/planners/placement/joint/jointProblem';
import type { Random } from '../../../support/random';

/**
 * The least time of a joint problem by trying everything, one small action after the other (compute, copy, free), with
 * the cheapest state next. What a copy costs is added when it is read first, or when it goes or the end comes unread.
 * Slow and obvious; shares nothing with the planners.
 */
export function exhaustiveJoint(problem: JointProblem): number {
  const { taskCount, deviceCount, durationMs, inputs, copyMs, isKept, memoryBytes, resultBytes } = problem;
  const price = (entry: number, from: number, to: number): number =>
    copyMs[(entry * deviceCount + from) * deviceCount + to];
  const entriesOf = (task: number): number[] =>
    [...inputs.items.keys()].filter((entry) => inputs.items[entry] === task);
  const unread = (task: number, from: number, to: number): number =>
    Math.max(0, ...entriesOf(task).map((entry) => price(entry, from, to)));
  /** `held`: "task device from" with from = -1 once read or where it was computed. */
  interface Node {
    readonly next: number;
    readonly held: readonly (readonly [number, number, number])[];
  }
  const keyOf = ({ next, held }: Node): string =>
    `${next}|${held
      .map((h) => h.join(','))
      .sort()
      .join(' ')}`;
  const best = new Map<string, number>();
  /** By cost, a whole number. */
  const open: Node[][] = [];
  const push = (node: Node, cost: number): void => {
    for (let device = 0; device < deviceCount; device++) {
      const bytes = node.held
        .filter((h) => h[1] === device)
        .reduce((sum, [task]) => sum + resultBytes[task], 0);
      if (bytes > memoryBytes[device]) return;
    }
    const key = keyOf(node);
    if ((best.get(key) ?? Infinity) <= cost) return;
    best.set(key, cost);
    (open[cost] ??= []).push(node);
  };
  push({ next: 0, held: [] }, 0);
  for (let cost = 0; cost < open.length; cost++) {
    // The list grows while it is walked.
    for (const node of open[cost] ?? []) {
      if (best.get(keyOf(node))! < cost) continue;
      if (node.next > taskCount) return cost;
      expand(node, cost);
    }
  }
  return Infinity;

  function expand({ next, held }: Node, cost: number): void {
    const owed = held.reduce((sum, [task, to, from]) => sum + (from >= 0 ? unread(task, from, to) : 0), 0);
    const holdsAll = [...isKept.keys()].every((task) => !isKept[task] || held.some((h) => h[0] === task));
    if (next === taskCount && holdsAll) push({ next: next + 1, held: [] }, cost + owed);
    for (const gone of held) {
      const [task, to, from] = gone;
      push({ next, held: held.filter((h) => h !== gone) }, cost + (from >= 0 ? unread(task, from, to) : 0));
    }
    for (const [task, from] of held) {
      for (let to = 0; to < deviceCount; to++) {
        if (!held.some((h) => h[0] === task && h[1] === to))
          push({ next, held: [...held, [task, to, from]] }, cost);
      }
    }
    for (let task = 0; task <= next && task < taskCount; task++) {
      for (let device = 0; device < deviceCount; device++) {
        let total = cost + durationMs[device * taskCount + task];
        let after = held;
        let isReady = total < Infinity;
        for (let entry = inputs.offsets[task]; isReady && entry < inputs.offsets[task + 1]; entry++) {
          const input = after.find((h) => h[0] === inputs.items[entry] && h[1] === device);
          if (!input) isReady = false;
          else if (input[2] >= 0) {
            total += price(entry, input[2], device);
            after = [...after.filter((h) => h !== input), [input[0], device, -1]];
          }
        }
        if (!isReady || held.some((h) => h[0] === task && h[1] === device)) continue;
        push({ next: Math.max(next, task + 1), held: [...after, [task, device, -1]] }, total);
      }
    }
  }
}

/** A random joint problem with a few tasks on one to three devices. */
export function randomJoint(random: Random, mostTasks: number): JointProblem {
  const deviceCount = random.pick([1, 2, 2, 2, 3]);
  const taskCount = random.int(1, deviceCount === 3 ? mostTasks - 3 : mostTasks);
  const offsets = [0];
  const items: number[] = [];
  for (let task = 0; task < taskCount; task++) {
    for (let input = 0; input < task; input++)
      if (random.chance(input === task - 1 ? 0.8 : 0.3)) items.push(input);
    offsets.push(items.length);
  }
  const isAlike = random.chance(0.5);
  const byTask = Array.from({ length: taskCount * deviceCount * deviceCount }, () => random.int(0, 4));
  const copyMs = Float64Array.from({ length: items.length * deviceCount * deviceCount }, (_, i) => {
    const entry = Math.floor(i / deviceCount ** 2);
    return isAlike ? byTask[items[entry] * deviceCount ** 2 + (i % deviceCount ** 2)] : random.int(0, 4);
  });
  return {
    taskCount,
    deviceCount,
    durationMs: Float64Array.from({ length: taskCount * deviceCount }, (_, i) =>
      i >= taskCount && random.chance(0.1) ? Infinity : random.int(0, 9),
    ),
    resultBytes: Float64Array.from({ length: taskCount }, () => random.int(1, 4)),
    inputs: { offsets: Int32Array.from(offsets), items: Int32Array.from(items) },
    copyMs,
    isKept: Uint8Array.from({ length: taskCount }, () => Number(random.chance(0.1))),
    memoryBytes: Float64Array.from({ length: deviceCount }, () =>
      random.chance(0.05) ? Infinity : random.int(4, 8),
    ),
  };
}
