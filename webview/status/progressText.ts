import type { Progress } from '../../planner-core/session/types';
import { t } from '../base/l10n';

/** What the planner does, in the order in which it does it. */
export const stageTexts: Readonly<Record<Progress['stage'], string>> = {
  reading: t('Reading the model'),
  profiling: t('Working out shapes, bytes and times'),
  planning: t('Planning'),
  frontier: t('Computing the curve of all budgets'),
};

/** `Planning, 40 %`. */
export function progressText({ stage, fraction }: Progress): string {
  return fraction === undefined ? stageTexts[stage] : `${stageTexts[stage]}, ${Math.round(fraction * 100)} %`;
}
