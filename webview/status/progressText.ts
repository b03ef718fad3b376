import type { Progress } from '../../planner-core/session/types';

const stages: Readonly<Record<Progress['stage'], string>> = {
  reading: 'Reading the model',
  profiling: 'Working out shapes, bytes and times',
  frontier: 'Computing the curve of all budgets',
  planning: 'Planning',
};

/** `Planning, 40 %`. */
export function progressText({ stage, fraction }: Progress): string {
  return fraction === undefined ? stages[stage] : `${stages[stage]}, ${Math.round(fraction * 100)} %`;
}
