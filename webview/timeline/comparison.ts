import type { Timeline } from '../../planner-core/simulator/timeline';
import { t } from '../base/l10n';
import {
  planChoices,
  type ComparisonChoice,
  type ComparisonSources,
  type OtherPlan,
} from '../state/comparedWith';
import type { MeasuredModel } from '../state/measured';
import { measuredBytes } from './measuredLine';

/** What the plan on screen is compared with, over the step. */
export interface Comparison extends ComparisonChoice {
  /** By sample of the plan's timeline: most in memory while the same computation runs; NaN where nothing is known. */
  readonly bytes: Float64Array;
  /** Over the whole step. */
  readonly peakBytes: number;
  /** What was simulated; undefined for measurements. */
  readonly simulated?: { readonly stepTimeMs: number; readonly keptBytes: number };
}

const measuredId = 'measured';

/** Plans, and what was measured. */
export function comparisonChoices(
  sources: ComparisonSources,
  measured: MeasuredModel | undefined,
): ComparisonChoice[] {
  const plans = planChoices(sources);
  return measured ? [...plans, { id: measuredId, label: t('measured') }] : plans;
}

/** Of the plan that is compared with; of what was measured where that is the choice; else undefined. */
export function comparisonOf(
  id: string | undefined,
  timeline: Timeline,
  other: OtherPlan | undefined,
  measured: MeasuredModel | undefined,
): Comparison | undefined {
  if (id === measuredId && measured) {
    const bytes = measuredBytes(timeline, measured);
    const peakBytes = bytes.reduce((most, value) => (value > most ? value : most), 0);
    return { id, label: t('measured'), bytes, peakBytes };
  }
  if (!other) return undefined;
  const { evaluation, label } = other;
  return {
    id: other.id,
    label,
    bytes: alongside(timeline, evaluation.timeline(0)),
    peakBytes: evaluation.simulation.perDevicePeakBytes[0],
    simulated: { stepTimeMs: evaluation.simulation.stepTimeMs, keptBytes: evaluation.keptBytes },
  };
}

/**
 * Memory of another timeline by sample of this one. Steps that recompute differently have no common time; they have their
 * first computations in common. What is computed again belongs to the first computation it is made for, the next one.
 */
export function alongside(timeline: Timeline, other: Timeline): Float64Array {
  const mostUntil = new Map<number, number>();
  let most = 0;
  for (let sample = 0; sample < other.length; sample++) {
    most = Math.max(most, other.liveBytes[sample]);
    if (other.again[sample]) continue;
    mostUntil.set(other.node[sample], most);
    most = 0;
  }
  const bytes = new Float64Array(timeline.length).fill(NaN);
  let next = NaN;
  for (let sample = timeline.length - 1; sample >= 0; sample--) {
    if (!timeline.again[sample]) next = mostUntil.get(timeline.node[sample]) ?? NaN;
    bytes[sample] = next;
  }
  return bytes;
}
