import type { Progress } from '../../planner-core/session/types';

/** What the planner does, in the order in which it does it. */
export const stageTexts: Readonly<Record<Progress['stage'], string>> = {
  reading: 'Reading the model',
  profiling: 'Working out shapes, bytes and times',
  frontier: 'Computing the curve of all budgets',
  planning: 'Planning',
};

/** `Planning, 40 %`. */
export function progressText({ stage, fraction }: Progress): string {
  return fraction === undefined ? stageTexts[stage] : `${stageTexts[stage]}, ${Math.round(fraction * 100)} %`;
}
