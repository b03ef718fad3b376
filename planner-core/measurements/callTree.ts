/** Something that lasts, on one thread of a trace. */
export interface Interval {
  readonly thread: string;
  readonly start: number;
  readonly end: number;
}

/** Earlier ones first; of those that begin together, the longer one encloses the others. */
const byStart = (a: Interval, b: Interval): number => a.start - b.start || b.end - a.end;

/**
 * The index of the interval around each one on its thread; -1 for the outermost. Profilers write calls as intervals:
 * what began later and has not ended was called by what is still running.
 */
export function enclosing(intervals: readonly Interval[]): Int32Array {
  const parent = new Int32Array(intervals.length).fill(-1);
  const open = new Map<string, number[]>();
  for (const i of sortedByStart(intervals)) {
    const { thread, start } = intervals[i];
    let stack = open.get(thread);
    if (!stack) open.set(thread, (stack = []));
    while (stack.length > 0 && intervals[stack[stack.length - 1]].end <= start) stack.pop();
    if (stack.length > 0) parent[i] = stack[stack.length - 1];
    stack.push(i);
  }
  return parent;
}

/** Indices of the intervals in the order they begin. */
export function sortedByStart(intervals: readonly Interval[]): number[] {
  return intervals.map((_, i) => i).sort((a, b) => byStart(intervals[a], intervals[b]) || a - b);
}
