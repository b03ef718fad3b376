import type { Job } from '../../base/job';
import type { LayerIndex } from '../../plan/layerIndex';
import type { Decision, Strategy } from '../../plan/plan';
import type { Size } from '../../plan/sizePlan';
import type { NodeId } from '../../step/stepGraph';
import type { Paging } from '../../simulator/schedule';
import { PlanPools } from '../planPools';
import type { OffloadLimits } from '../problem';
import type { PeakOverSizes, SizedModel } from './sizedModel';

/** Plans for a model at many sizes under one budget. */
export interface SizedProblem {
  readonly model: SizedModel;
  readonly layers: LayerIndex;
  readonly pins: readonly Decision[];
  readonly strategy: Strategy;
  readonly budgetBytes: number;
  /** Where plans may send values besides; absent: they only recompute. */
  readonly offload?: OffloadLimits;
}

/** A plan that may be used at several sizes. */
export interface SizedCandidate {
  readonly planner: string;
  readonly recomputations: Int32Array;
  /** What it computes again, a node as often as it runs again. */
  readonly repeats: readonly NodeId[];
  readonly peaks: PeakOverSizes;
  /** What leaves the device; absent: nothing does. */
  readonly paged?: PagedOverSizes;
}

/** What a plan that offloads takes at a size, as simulated. */
export interface PagedCosts {
  readonly peakBytes: number;
  readonly stepMs: number;
  readonly hostPeakBytes: number;
}

export interface PagedOverSizes {
  readonly paging: Paging;
  /** The size it was made for. */
  readonly made: Size;
  at(size: Size): PagedCosts;
}

export function candidateOf(model: SizedModel, planner: string, recomputations: Int32Array): SizedCandidate {
  const repeats = Array.from({ length: recomputations.length / 2 }, (_, i) => recomputations[2 * i + 1]);
  return { planner, recomputations, repeats, peaks: model.peaks(recomputations) };
}

/** What computing again adds to keeping everything, given the times of the nodes at a size. */
export function addedMs({ repeats }: SizedCandidate, durationMs: Float64Array): number {
  let sum = 0;
  for (const node of repeats) sum += durationMs[node];
  return sum;
}

/** Time of a step by a plan at a size, given the times of the nodes there. */
export const stepMsOf = (candidate: SizedCandidate, size: Size, durationMs: Float64Array): number =>
  candidate.paged ? candidate.paged.at(size).stepMs : sumOf(durationMs) + addedMs(candidate, durationMs);

export function sumOf(durationMs: Float64Array): number {
  let sum = 0;
  for (const ms of durationMs) sum += ms;
  return sum;
}

/**
 * Plans worth a place in a table: for each planning size (ascending) the frontier's plans from the fastest that fits there to the
 * first that still fits at the next one. The first candidate keeps everything that no pin has run again.
 */
export async function collectCandidates(
  problem: SizedProblem,
  planningSizes: readonly Size[],
  job: Job,
): Promise<SizedCandidate[]> {
  const { model, layers, pins, strategy, budgetBytes } = problem;
  const found = new Map<string, SizedCandidate>();
  const candidate = (planner: string, recomputations: Int32Array): SizedCandidate => {
    const key = recomputations.join();
    const known = found.get(key) ?? candidateOf(model, planner, recomputations);
    found.set(key, known);
    return known;
  };
  for (const [i, size] of planningSizes.entries()) {
    await job.checkpoint();
    const pools = new PlanPools({ step: model.stepAt(size), layers, pins });
    const { planner, directives } = pools.baselines[0].plan;
    if (candidate(planner, directives.recomputations).peaks.at(size) <= budgetBytes) continue;
    const plans = (await pools.of(strategy, job)).all;
    const next = planningSizes[i + 1];
    // By ascending peak: from the fastest that fits downwards.
    const fastest = plans.findLastIndex(({ peakBytes }) => peakBytes <= budgetBytes);
    for (let at = fastest; at >= 0; at--) {
      const { peaks } = candidate(plans[at].planner, plans[at].recomputations);
      if (!next || peaks.at(next) <= budgetBytes) break;
    }
    // Nothing fits: the least peak tells by how much.
    if (fastest < 0 && plans.length > 0) candidate(plans[0].planner, plans[0].recomputations);
    job.progress((i + 1) / planningSizes.length);
  }
  return [...found.values()];
}
