import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { phaseTitles } from '../ui/names';
import type { Evaluation } from '../state/evaluation';
import type { Comparison } from './comparison';
import { phasePeaks } from './phasePeaks';
import { t } from '../base/l10n';

/** `+1.20 GiB`, `−340 MiB`, `the same`. */
export function signedMemory(bytes: number): string {
  if (bytes === 0) return t('the same');
  return `${bytes > 0 ? '+' : '−'}${formatMemory(Math.abs(bytes))}`;
}

export const comparisonColumns = ['', t('This plan'), t('Compared with'), t('Difference')] as const;

/** `+12.0 ms`, `−3.10 s`, `the same`. */
export function signedDuration(ms: number): string {
  if (ms === 0) return t('the same');
  return `${ms > 0 ? '+' : '−'}${formatDuration(Math.abs(ms))}`;
}

/** `+3.1 %` of a ratio of 1.031. */
export function signedPercent(ratio: number): string {
  const percent = (ratio - 1) * 100;
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}

/** Peaks by phase, then of the step, what is kept for backward, the step's time. */
export function comparisonRows(
  { step, simulation, keptBytes }: Evaluation,
  timeline: Timeline,
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
  const { simulated } = comparison;
  if (!simulated) return rows;
  const { stepTimeMs } = simulation;
  return [
    ...rows,
    rowOf(t('Kept for backward'), keptBytes, simulated.keptBytes),
    [
      t('Step'),
      formatDuration(stepTimeMs),
      formatDuration(simulated.stepTimeMs),
      signedDuration(stepTimeMs - simulated.stepTimeMs),
    ],
  ];
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

/** What is said beside the chart of a comparison with measurements; of plans more is said above the charts. */
export function comparisonSentence(peakBytes: number, comparison: Comparison | undefined): string {
  if (!comparison || comparison.simulated) return '';
  const moreBytes = peakBytes - comparison.peakBytes;
  return moreBytes === 0 ? t('the same peak') : t('peak {0}', signedMemory(moreBytes));
}
