import type { Job } from '../../base/job';
import type { WeightedSize } from '../../plan/sizePlan';
import { dynamicRematerialisation } from '../baselines/dynamicRematerialisation';
import { PlanningContext } from '../context';
import type { MethodOutcome } from './compareMethods';
import type { SizedProblem } from './sizedPlanning';
import { sumOf } from './sizedPlanning';

/** Sizes at which it is run. */
const mostRuns = 16;
/** Values a run may look at before it counts as running out of time. */
const maxWork = 20_000_000;

/** What dynamic rematerialisation does on sizes. */
export interface DtrReplay {
  readonly outcomes: readonly (MethodOutcome | undefined)[];
  readonly runs: number;
}

/**
 * Dynamic tensor rematerialisation at sizes whose steps do not fit: run at some of them, the largest of each of equal groups (sizes in
 * the order given), whose relative overhead the others of the group are taken to have too. undefined where it runs out of memory or
 * thrashes.
 */
export async function replayDtr(
  { model, layers, pins, budgetBytes }: SizedProblem,
  sizes: readonly WeightedSize[],
  job: Job,
): Promise<DtrReplay> {
  const perRun = Math.ceil(sizes.length / mostRuns);
  let runs = 0;
  const outcomes: (MethodOutcome | undefined)[] = [];
  for (let start = 0; start < sizes.length; start += perRun) {
    await job.checkpoint();
    const group = sizes.slice(start, start + perRun);
    const step = model.stepAt(group[group.length - 1].size);
    const context = new PlanningContext({ step, layers, pins });
    runs++;
    const pairs = dynamicRematerialisation(step, context.fixed, budgetBytes, 'h_DTR', maxWork);
    const run = pairs && context.evaluate(pairs);
    const factor = run ? run.stepTimeMs / sumOf(step.durationMs) : 0;
    const peakBytes = run?.peakBytes ?? 0;
    for (const { size } of group) {
      const keepAllMs = sumOf(model.durationsAt(size));
      outcomes.push(run && { peakBytes, stepMs: keepAllMs * factor, keepAllMs });
    }
  }
  return { outcomes, runs };
}
