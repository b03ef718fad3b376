/**
 * The indices of `ms` by ascending time, equal times by index. `draft`: the indices in an order that is made of long
 * ascending runs, which are merged two by two; it is overwritten. O(n log runs).
 */
export function timeOrder(ms: Float64Array, draft: Int32Array): Int32Array {
  let from: Int32Array = draft;
  let to: Int32Array = new Int32Array(draft.length);
  for (let runs = runsOf(ms, from); runs.length > 2; [from, to] = [to, from]) {
    // Runs are [begin, next begin]: the last entry is the length.
    const longer = [0];
    for (let i = 0; i + 1 < runs.length; i += 2) {
      const end = i + 2 < runs.length ? runs[i + 2] : runs[i + 1];
      merge(ms, from, to, runs[i], runs[i + 1], end);
      longer.push(end);
    }
    runs = longer;
  }
  return from;
}

/** Where ascending runs begin, and the length. */
function runsOf(ms: Float64Array, order: Int32Array): number[] {
  const runs = [0];
  for (let at = 1; at < order.length; at++) if (isBefore(ms, order[at], order[at - 1])) runs.push(at);
  runs.push(order.length);
  return runs;
}

function merge(
  ms: Float64Array,
  from: Int32Array,
  to: Int32Array,
  begin: number,
  middle: number,
  end: number,
): void {
  let left = begin;
  let right = middle;
  for (let at = begin; at < end; at++) {
    const isRight = left === middle || (right < end && isBefore(ms, from[right], from[left]));
    to[at] = isRight ? from[right++] : from[left++];
  }
}

function isBefore(ms: Float64Array, a: number, b: number): boolean {
  return ms[a] < ms[b] || (ms[a] === ms[b] && a < b);
}
