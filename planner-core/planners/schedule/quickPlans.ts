import type { Job } from '../../base/job';
import type { Candidate } from '../paretoPlans';
import {
  cheapestRecomputations,
  RetentionBuilder,
  type Retention,
} from '../baselines/cheapestRecomputations';
import { Lifetimes } from '../bounds/lifetimes';
import type { PlanningContext } from '../context';
import { dropNeedlessRepeats } from './dropNeedlessRepeats';
import { InsertionState } from './insertionState';

/** Name shown to people. */
const quickPlannerName = 'cheapest gaps';

/** Numbers of gaps that are tried: parts of all that may matter, then bisections of the last part. */
const parts = 16;
const bisections = 6;
/** A plan with more repeats than this many times the step's computations is none. */
const mostRepeats = 2;

/**
 * A first plan for a budget, in time linear in the step times a constant: gives up the gaps of values that cost the
 * least time for each byte and moment over the budget, the fewest of them that do, and computes again what that asks
 * for. Then a better one: less the needless repeats. Neither where this leads nowhere, or where something is pinned to
 * run again.
 */
export async function* quickPlans(
  context: PlanningContext,
  budgetBytes: number,
  job: Job,
): AsyncGenerator<Candidate> {
  const { step, hasPinnedRecompute } = context;
  if (hasPinnedRecompute) return;
  const candidate = (recomputations: Int32Array): Candidate => {
    const { peakBytes, stepTimeMs } = context.evaluate(recomputations);
    return { planner: quickPlannerName, peakBytes, stepTimeMs, recomputations };
  };
  const pairs = await fewestGaps(context, budgetBytes, job);
  if (!pairs) return;
  yield candidate(pairs);
  const state = new InsertionState(step, pairs, new Int32Array(0));
  await dropNeedlessRepeats(state, budgetBytes, job);
  yield candidate(state.recomputations());
}

async function fewestGaps(
  context: PlanningContext,
  budgetBytes: number,
  job: Job,
): Promise<Int32Array | undefined> {
  const { step, fixed } = context;
  await job.checkpoint();
  const mayRepeat = fixed.map((flag) => 1 - flag);
  const lifetimes = new Lifetimes(step, mayRepeat);
  const order = gapsByCost(lifetimes, context, budgetBytes);
  const mostPairs = mostRepeats * step.nodeCount;
  /** The plan that gives up so many gaps; 'over' where it does not fit, undefined where it repeats too much. */
  const plan = async (count: number): Promise<Int32Array | 'over' | undefined> => {
    await job.checkpoint();
    const retention = retentionWithout(lifetimes, order.subarray(0, count));
    const pairs = cheapestRecomputations(step, mayRepeat, retention, mostPairs);
    return pairs && context.evaluate(pairs).peakBytes > budgetBytes ? 'over' : pairs;
  };
  let tooFew = 0;
  for (let part = 1; part <= parts; part++) {
    let enough = Math.ceil((order.length * part) / parts);
    const found = await plan(enough);
    if (found === undefined) return undefined;
    if (found === 'over') {
      tooFew = enough;
      continue;
    }
    let best = found;
    for (let i = 0; i < bisections && enough - tooFew > 1; i++) {
      const middle = (tooFew + enough) >> 1;
      const fewer = await plan(middle);
      if (fewer instanceof Int32Array) {
        best = fewer;
        enough = middle;
      } else tooFew = middle;
    }
    return best;
  }
  return undefined;
}

/** Gaps in which memory is over the budget when everything is kept, the cheapest for what they relieve first. */
function gapsByCost(lifetimes: Lifetimes, context: PlanningContext, budgetBytes: number): Int32Array {
  const { step, gapCount, gapStart, gapEnd, gapValue } = lifetimes;
  const { liveBytes } = context.evaluate(new Int32Array(0));
  const overBefore = new Int32Array(step.nodeCount + 1);
  for (let node = 0; node < step.nodeCount; node++)
    overBefore[node + 1] = overBefore[node] + Number(liveBytes[node] > budgetBytes);
  const cost = new Float64Array(gapCount);
  const gaps: number[] = [];
  for (let gap = 0; gap < gapCount; gap++) {
    const moments = overBefore[gapEnd[gap]] - overBefore[gapStart[gap] + 1];
    if (moments === 0) continue;
    const value = gapValue[gap];
    cost[gap] = step.durationMs[step.producer[value]] / (step.valueBytes[value] * moments);
    gaps.push(gap);
  }
  return Int32Array.from(gaps.sort((a, b) => cost[a] - cost[b] || a - b));
}

/** Everything is held from when it is made to its last use, but for some gaps. */
function retentionWithout(lifetimes: Lifetimes, gaps: Int32Array): Retention {
  const { step, gapCount, gapStart, gapEnd, gapsOfValue, lastEvent } = lifetimes;
  const isGivenUp = new Uint8Array(gapCount);
  for (const gap of gaps) isGivenUp[gap] = 1;
  const retention = new RetentionBuilder();
  for (let value = 0; value < step.valueCount; value++) {
    const producer = step.producer[value];
    if (producer < 0) continue;
    let from = producer + 1;
    for (let i = gapsOfValue.offsets[value]; i < gapsOfValue.offsets[value + 1]; i++) {
      const gap = gapsOfValue.items[i];
      if (!isGivenUp[gap]) continue;
      retention.hold(producer, from, gapStart[gap]);
      from = gapEnd[gap] + 1;
    }
    retention.hold(producer, from, lastEvent[value]);
  }
  return retention;
}
