import { HeadroomError } from '../../base/errors';
import type { Job } from '../../base/job';
import type { Strategy } from '../../plan/plan';
import { KnapsackBound } from '../../planners/bounds/knapsackBound';
import { leastAddedWithOffload } from '../../planners/offload/offloadBound';
import { proveStall } from '../../planners/offload/proveStall';
import type { PlanPools } from '../../planners/planPools';
import type { MilpEngine } from '../../solvers/engine';
import { boundsInPercent, type ProvenBounds } from '../provenBounds';
import type { Proof } from '../refine';

/** What proving needs to know. */
export interface OffloadProofRequest {
  readonly pools: PlanPools;
  readonly budgetBytes: number;
  readonly strategy: Strategy;
  readonly keepAllStepTimeMs: number;
  /** Of the plan on screen; undefined where none fits. */
  readonly overheadPercent: number | undefined;
  /** What was proven before; what is proven is added. */
  readonly bounds: ProvenBounds;
  /** Solves the programs; without one there is only the bound that takes none. */
  readonly engine?: MilpEngine;
  readonly timeLimitS: number;
}

/** Overheads that differ by less, in percentage points, are the same: the solver's own tolerance is 1e-6 of the step. */
const samePercent = 1e-4;

/** Without a program: the least time plans must add that may offload where the problem lets them, and recompute. */
export function instantBoundMs({ problem }: PlanPools, budgetBytes: number): number {
  const { step, layers, offload } = problem;
  return offload
    ? leastAddedWithOffload(step, layers.recomputable, budgetBytes)
    : new KnapsackBound(step, layers.recomputable).leastAddedMs(budgetBytes);
}

/**
 * Tightens what is proven of the time of plans that may offload, or that make other things least than time. `report`
 * hears of every step of it. A broken solver ends the search with a note. Throws 'cancelled' when the job is.
 */
export async function proveOffload(
  request: OffloadProofRequest,
  job: Job,
  report: (proof: Proof) => void,
): Promise<Proof> {
  const { pools, budgetBytes, strategy, keepAllStepTimeMs, overheadPercent, bounds, engine, timeLimitS } =
    request;
  const startedMs = performance.now();
  const tell = (state: Proof['state'], note?: string): Proof => {
    const leastMs = bounds.leastAddedMs(budgetBytes);
    const percent = keepAllStepTimeMs > 0 ? (100 * leastMs) / keepAllStepTimeMs : 0;
    const lowerBoundPercent = leastMs === Infinity ? 0 : Math.min(percent, overheadPercent ?? Infinity);
    const gapPercent =
      overheadPercent === undefined ? undefined : Math.max(0, overheadPercent - lowerBoundPercent);
    const isOptimal = gapPercent !== undefined && gapPercent <= samePercent;
    const decided = leastMs === Infinity ? 'infeasible' : isOptimal ? 'optimal' : state;
    const proof: Proof = {
      ...{ budgetBytes, strategy, state: decided, lowerBoundPercent, gapPercent, note },
      ...boundsInPercent(bounds, keepAllStepTimeMs),
      elapsedMs: performance.now() - startedMs,
    };
    report(proof);
    return proof;
  };
  const { context, floor, problem } = pools;
  if (!context.isSingleDevice) return tell('unprovable');
  bounds.add(budgetBytes, budgetBytes < floor.bytes ? Infinity : instantBoundMs(pools, budgetBytes));
  const first = tell(engine && problem.offload ? 'proving' : 'open');
  if (!engine || !problem.offload || first.state !== 'proving') return first;
  const { step, layers } = problem;
  const asked = { step, mayRepeat: layers.recomputable, budgetBytes, timeLimitS };
  try {
    await proveStall(asked, engine, job, (leastAddedMs) => {
      bounds.add(budgetBytes, leastAddedMs);
      tell('proving');
    });
    return tell('open');
  } catch (thrown) {
    if (!(thrown instanceof HeadroomError && thrown.code === 'solver-failed')) throw thrown;
    return tell('open', thrown.message);
  }
}
