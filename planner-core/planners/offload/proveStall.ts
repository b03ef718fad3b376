import type { Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import type { NodeId, StepGraph } from '../../step/stepGraph';
import { highestMoments } from '../exact/highestMoments';
import { RetentionFacts } from '../exact/retentionFacts';
import { StallProgram } from './stallProgram';

/** Moments of the programs, one after the other: each bound holds, later ones know more. */
const momentCounts = [4, 8, 16, 32];
/** Values smaller than this share of what is over the budget are not looked at. */
const smallShare = 1 / 500;

/** What is asked of `proveStall`. */
export interface StallRequest {
  readonly step: StepGraph;
  /** By node: 1 where it may run again. */
  readonly mayRepeat: Uint8Array;
  readonly budgetBytes: number;
  readonly timeLimitS: number;
}

/**
 * A proven least added time of plans that may recompute and offload: the optimum of stall programs (see StallProgram)
 * of more and more moments, until the time is over. Infinity when no plan fits. `onBound` hears of every higher bound.
 * Assumes one device, and that nodes run for the first time in their order. Throws 'cancelled' when the job is,
 * 'solver-failed' when the engine broke.
 */
export async function proveStall(
  { step, mayRepeat, budgetBytes, timeLimitS }: StallRequest,
  engine: MilpEngine,
  job: Job,
  onBound: (leastAddedMs: number) => void,
): Promise<number> {
  const facts = new RetentionFacts(step, mayRepeat);
  const excess = facts.keepAllBytes.map((bytes) => bytes - budgetBytes);
  const most = excess.reduce((highest, bytes) => Math.max(highest, bytes), 0);
  let leastAddedMs = 0;
  let known = 0;
  const endMs = performance.now() + 1000 * timeLimitS;
  for (const count of momentCounts) {
    const leftS = (endMs - performance.now()) / 1000;
    const moments = spreadMoments(step, excess, count);
    if (leftS <= 0 || moments.length === known) break;
    known = moments.length;
    await job.checkpoint();
    const program = new StallProgram(facts, moments, budgetBytes, most * smallShare);
    const stop = new AbortController();
    // Passes a cancelled job on to the engine.
    const ticking = setInterval(() => void job.checkpoint().catch(() => stop.abort()), 50);
    const options = { timeLimitS: leftS, isRelaxed: true, signal: stop.signal };
    const result = await engine.solve(program.program, options).finally(() => clearInterval(ticking));
    await job.checkpoint();
    if (result.status === 'infeasible') {
      onBound(Infinity);
      return Infinity;
    }
    if (result.status === 'stopped') break;
    const boundMs = result.bound / program.costPerMs;
    if (boundMs <= leastAddedMs) continue;
    leastAddedMs = boundMs;
    onBound(leastAddedMs);
  }
  return leastAddedMs;
}

/** Of as many equal parts of the step's time as there are moments, in each the one at which memory is shortest, if it is. */
function spreadMoments(step: StepGraph, excess: Float64Array, count: number): NodeId[] {
  const { nodeCount, durationMs } = step;
  const moments = new Set(highestMoments(excess, 1));
  const totalMs = durationMs.subarray(0, nodeCount).reduce((sum, ms) => sum + ms, 0);
  let highest = -1;
  for (let node = 0, ms = 0, part = 0; node < nodeCount; node++) {
    const here = totalMs > 0 ? Math.floor((count * ms) / totalMs) : node;
    if (here > part) {
      if (highest >= 0) moments.add(highest);
      highest = -1;
      part = here;
    }
    ms += durationMs[node];
    if (excess[node] > 0 && (highest < 0 || excess[node] > excess[highest])) highest = node;
  }
  if (highest >= 0) moments.add(highest);
  return [...moments].sort((a, b) => a - b);
}
