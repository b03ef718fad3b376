import type { LatencyModel } from './latencyModel';

/** Tells whether a task must end before another starts, over any number of others between: the transitive closure. */
export function precedence(model: LatencyModel): (before: number, after: number) => boolean {
  const { taskCount, problem } = model;
  const words = (taskCount + 31) >> 5;
  /** By task: a bit for each task that depends on it. */
  const followers = new Int32Array(taskCount * words);
  for (let at = taskCount - 1; at >= 0; at--) {
    const task = problem.order[at];
    model.forEachReader(task, (reader) => {
      for (let word = 0; word < words; word++)
        followers[task * words + word] |= followers[reader * words + word];
      followers[task * words + (reader >> 5)] |= 1 << (reader & 31);
    });
  }
  return (before, after) => (followers[before * words + (after >> 5)] & (1 << (after & 31))) !== 0;
}
