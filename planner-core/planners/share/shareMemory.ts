/** A way a job may run, as far as others on its device notice. */
export interface JobPoint {
  /** What it holds all the time. */
  readonly heldBytes: number;
  /** What it takes beyond that while its step runs; jobs whose steps may run at the same time hold all of it instead. */
  readonly stepBytes: number;
  readonly stepTimeMs: number;
}

/** Some of the jobs at their points: partial sums of the dynamic programme. */
interface Partial {
  readonly heldBytes: number;
  readonly stepTimeMs: number;
  readonly choice: number;
  readonly before?: Partial;
}

/**
 * One point for each job so that all that is held, and the most that any step takes beyond it, fit the memory, in the
 * least time together; undefined where none fit. Exact: for every bound on what a step takes, a dynamic programme over
 * the jobs that keeps each sum of memory and time that no other beats in both.
 */
export function shareMemory(
  jobs: readonly (readonly JobPoint[])[],
  memoryBytes: number,
): number[] | undefined {
  let best: { readonly stepTimeMs: number; readonly choices: number[] } | undefined;
  for (const stepBytes of stepBounds(jobs)) {
    const sums = paretoSums(jobs, stepBytes, memoryBytes - stepBytes);
    const fastest = sums.at(-1);
    if (!fastest || (best && fastest.stepTimeMs >= best.stepTimeMs)) continue;
    best = { stepTimeMs: fastest.stepTimeMs, choices: choicesOf(fastest) };
  }
  return best?.choices;
}

/** The least memory in which the jobs run together. */
export function leastShared(jobs: readonly (readonly JobPoint[])[]): number {
  const needs = stepBounds(jobs).map((stepBytes) =>
    jobs.reduce((sum, points) => {
      const held = points.filter((point) => point.stepBytes <= stepBytes).map(({ heldBytes }) => heldBytes);
      return sum + Math.min(Infinity, ...held);
    }, stepBytes),
  );
  return Math.min(Infinity, ...needs);
}

const stepBounds = (jobs: readonly (readonly JobPoint[])[]): number[] =>
  [...new Set(jobs.flatMap((points) => points.map(({ stepBytes }) => stepBytes)))].sort((a, b) => a - b);

/** By ascending memory and descending time. */
function paretoSums(
  jobs: readonly (readonly JobPoint[])[],
  mostStepBytes: number,
  mostHeldBytes: number,
): Partial[] {
  let sums: Partial[] = [{ heldBytes: 0, stepTimeMs: 0, choice: -1 }];
  if (mostHeldBytes < 0) return [];
  for (const points of jobs) {
    const next: Partial[] = [];
    points.forEach((point, choice) => {
      if (point.stepBytes > mostStepBytes) return;
      for (const before of sums) {
        const heldBytes = before.heldBytes + point.heldBytes;
        if (heldBytes > mostHeldBytes) break;
        next.push({ heldBytes, stepTimeMs: before.stepTimeMs + point.stepTimeMs, choice, before });
      }
    });
    next.sort((a, b) => a.heldBytes - b.heldBytes || a.stepTimeMs - b.stepTimeMs);
    sums = [];
    for (const sum of next) if (sum.stepTimeMs < (sums.at(-1)?.stepTimeMs ?? Infinity)) sums.push(sum);
  }
  return sums;
}

function choicesOf(last: Partial): number[] {
  const choices: number[] = [];
  for (let at: Partial | undefined = last; at?.before; at = at.before) choices.unshift(at.choice);
  return choices;
}
