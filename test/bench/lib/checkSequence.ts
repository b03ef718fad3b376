/** What the checker needs of a dnn-graph-instance/1 file. */
export interface RematInstance {
  readonly nodes: readonly { readonly time_ms: Record<string, number>; readonly output_bytes: number }[];
  readonly edges: readonly (readonly [number, number])[];
  readonly order?: readonly number[] | null;
  readonly pinned_at_end?: readonly number[];
  readonly baseline?: { readonly peak_bytes?: number };
}

/**
 * Time and peak of the computations of a schedule, from the instance alone: frees are ignored, a result is there from a
 * computation to the last use before the next computation of the same node (to the end where it is pinned), and counts
 * while any computation in between runs. Throws when nodes run for the first time out of order, or not at all.
 */
export function checkSequence(
  file: RematInstance,
  schedule: readonly { readonly op: string; readonly node: number }[],
): { time: number; peakBytes: number } {
  const sequence = schedule.filter(({ op }) => op === 'compute').map(({ node }) => node);
  const inputs: Set<number>[] = file.nodes.map(() => new Set());
  for (const [from, to] of file.edges) inputs[to].add(from);

  const firstRuns = [...new Set(sequence)];
  const order = file.order ?? firstRuns;
  if (firstRuns.length !== file.nodes.length) throw new Error(`${firstRuns.length} nodes run`);
  firstRuns.forEach((node, at) => {
    if (order[at] !== node) throw new Error(`node ${node} runs for the first time out of order`);
  });

  const change = new Float64Array(sequence.length + 1);
  const madeAt = new Int32Array(file.nodes.length).fill(-1);
  const usedAt = new Int32Array(file.nodes.length);
  const close = (node: number): void => {
    if (madeAt[node] < 0) return;
    change[madeAt[node]] += file.nodes[node].output_bytes;
    change[usedAt[node] + 1] -= file.nodes[node].output_bytes;
  };
  let time = 0;
  sequence.forEach((node, at) => {
    for (const input of inputs[node]) {
      if (madeAt[input] < 0) throw new Error(`node ${node} runs before its input ${input}`);
      usedAt[input] = at;
    }
    close(node);
    madeAt[node] = at;
    usedAt[node] = at;
    time += Object.values(file.nodes[node].time_ms)[0];
  });
  for (const node of file.pinned_at_end ?? []) usedAt[node] = sequence.length - 1;
  file.nodes.forEach((_, node) => close(node));
  let live = 0;
  let peakBytes = 0;
  for (let at = 0; at < sequence.length; at++) {
    live += change[at];
    peakBytes = Math.max(peakBytes, live);
  }
  return { time, peakBytes };
}
