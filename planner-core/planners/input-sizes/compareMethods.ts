import type { Size } from '../../plan/sizePlan';
import { stepMsOf, sumOf, type SizedCandidate } from './sizedPlanning';
import type { SizedModel } from './sizedModel';

/** Peak and time of one size under what a method chose for it. */
export interface MethodOutcome {
  readonly peakBytes: number;
  readonly stepMs: number;
  readonly keepAllMs: number;
}

/** How a method does over sizes with weights. */
export interface MethodSummary {
  readonly expectedMs: number;
  readonly overheadPercent: number;
  readonly overBudgetShare: number;
  readonly highestPeakBytes: number;
}

/** What a plan costs at a size. */
export function outcomeOf(model: SizedModel, candidate: SizedCandidate, size: Size): MethodOutcome {
  const durationMs = model.durationsAt(size);
  return {
    // Beyond the sizes that a plan which offloads is for, too.
    peakBytes: candidate.paged ? candidate.paged.at(size).peakBytes : candidate.peaks.at(size),
    keepAllMs: sumOf(durationMs),
    stepMs: stepMsOf(candidate, size, durationMs),
  };
}

/** Means over the batches that have a plan; those without one are over the budget. */
export function summarise(
  outcomes: readonly (MethodOutcome | undefined)[],
  weights: readonly number[],
  budgetBytes: number,
): MethodSummary {
  let [total, planned, over, stepMs, keepAllMs, highestPeakBytes] = [0, 0, 0, 0, 0, 0];
  outcomes.forEach((outcome, i) => {
    total += weights[i];
    if (!outcome || outcome.peakBytes > budgetBytes) over += weights[i];
    if (!outcome) return;
    planned += weights[i];
    stepMs += weights[i] * outcome.stepMs;
    keepAllMs += weights[i] * outcome.keepAllMs;
    highestPeakBytes = Math.max(highestPeakBytes, outcome.peakBytes);
  });
  return {
    expectedMs: planned > 0 ? stepMs / planned : 0,
    overheadPercent: keepAllMs > 0 ? 100 * (stepMs / keepAllMs - 1) : 0,
    overBudgetShare: over / total,
    highestPeakBytes,
  };
}
