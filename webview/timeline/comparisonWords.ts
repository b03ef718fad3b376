import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { phaseTitles } from '../ui/names';
import type { Comparison } from './comparison';
import { phasePeaks } from './phasePeaks';
import { t } from '../base/l10n';

/** `+1.20 GiB`, `−340 MiB`, `the same`. */
export function signedMemory(bytes: number): string {
  if (bytes === 0) return t('the same');
  return `${bytes > 0 ? '+' : '−'}${formatMemory(Math.abs(bytes))}`;
}

export const comparisonColumns = [
  '',
  t('This plan'),
  t('Compared with'),
  t('Difference'),
] as const;

/** Peaks by phase, then of the step, then its time. */
export function comparisonRows(
  step: StepGraph,
  timeline: Timeline,
  stepTimeMs: number,
  comparison: Comparison,
): string[][] {
  const rowOf = (name: string, own: number, other: number): string[] => [
    name,
    formatMemory(own),
    Number.isNaN(other) ? '' : formatMemory(other),
    Number.isNaN(other) ? '' : signedMemory(own - other),
  ];
  const own = phasePeaks(step, timeline);
  const mostOther = mostByPhase(step, timeline, comparison.bytes);
  const rows = own.map(({ phase, sample }) =>
    rowOf(t('Most in {0}', phaseTitles[phase]), timeline.liveBytes[sample], mostOther.get(phase) ?? NaN),
  );
  const peakBytes = timeline.liveBytes.reduce((most, bytes) => Math.max(most, bytes), 0);
  rows.push(rowOf(t('Peak'), peakBytes, comparison.peakBytes));
  if (comparison.stepTimeMs !== undefined) {
    const moreMs = stepTimeMs - comparison.stepTimeMs;
    rows.push([
      t('Step'),
      formatDuration(stepTimeMs),
      formatDuration(comparison.stepTimeMs),
      moreMs === 0 ? t('the same') : `${moreMs > 0 ? '+' : '−'}${formatDuration(Math.abs(moreMs))}`,
    ]);
  }
  return rows;
}

function mostByPhase(step: StepGraph, timeline: Timeline, bytes: Float64Array): Map<number, number> {
  const most = new Map<number, number>();
  let phase = 0;
  for (let sample = 0; sample < timeline.length; sample++) {
    if (!timeline.again[sample]) phase = step.nodePhase[timeline.node[sample]];
    const value = bytes[sample];
    if (!Number.isNaN(value)) most.set(phase, Math.max(value, most.get(phase) ?? 0));
  }
  return most;
}

/** What the legend and screen readers are told. */
export function comparisonSentence(peakBytes: number, stepTimeMs: number, comparison: Comparison): string {
  const moreBytes = peakBytes - comparison.peakBytes;
  const peak = moreBytes === 0 ? t('the same peak') : t('peak {0}', signedMemory(moreBytes));
  if (comparison.stepTimeMs === undefined || comparison.stepTimeMs === 0) return peak;
  const percent = (stepTimeMs / comparison.stepTimeMs - 1) * 100;
  const sign = percent < 0 ? '−' : '+';
  return t('{0}, step {1}', peak, `${sign}${Math.abs(percent).toFixed(1)} %`);
}
