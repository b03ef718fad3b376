import { sequenceOf } from '../../simulator/sequence';
import type { PlanningContext } from '../context';
import { MemoryProfile } from '../memoryProfile';
import { leaversOf } from '../offload/gaps';
import { PagedSequence } from '../offload/paging';
import type { PlannedDirectives } from '../problem';
import type { Baseline } from './baseline';
import { budgetPart, maxWork, maxWorkAsked } from './dtr';
import { dynamicRematerialisation } from './dynamicRematerialisation';
import { mayPage, pagedPlan } from './pagedPlan';
import { SwapDirector } from './swapDirector';

/** What it is called when it runs under a budget that is asked for. */
export const deltaName = 'DELTA';

/** Budgets it is drawn at: parts of the way from the least possible peak to that of keeping everything. */
const parts = [75, 50, 25] as const;

/** An online run knows nothing of transfers on their way: it is given less until what is simulated fits. */
const shares = [1, 0.98, 0.95, 0.9, 0.85, 0.8, 0.7];

/**
 * DELTA under a budget (Tang et al., "DELTA: Dynamically Optimizing GPU Memory beyond Tensor Recomputation", 2022).
 * Filter: the tensor with the least (time to compute it again with its evicted neighbours) / (bytes × staleness) is
 * released, as in DTR, which its published code builds on. Director: see `SwapDirector`. Transfers back are prefetched,
 * as late as hides them, where there is room. undefined where it runs out of memory or time, and where nothing may leave.
 */
export function deltaPlan(
  context: PlanningContext,
  budgetBytes: number,
  work = maxWorkAsked,
): PlannedDirectives | undefined {
  if (!mayPage(context)) return undefined;
  for (const share of shares) {
    const plan = runUnder(context, share * budgetBytes, work);
    if (plan && plan.peakBytes <= budgetBytes) return plan;
  }
  return undefined;
}

function runUnder(
  context: PlanningContext,
  budgetBytes: number,
  work: number,
): PlannedDirectives | undefined {
  const { step, fixed } = context;
  const director = new SwapDirector(step);
  const pairs = dynamicRematerialisation(step, fixed, budgetBytes, 'h_DTR eq', work, director);
  if (!pairs) return undefined;
  const { recomputations } = context.directives(pairs);
  const { swapped } = director;
  const { nodes, again } = sequenceOf(step, { recomputations, offloads: new Int32Array(0) });
  const { liveBytes } = new MemoryProfile(step).ofRecomputations(recomputations);
  const isSwapped = new Set(swapped.map(({ value }) => value));
  const leavers = leaversOf(step, { nodes, again }, 1).filter(({ value }) => isSwapped.has(value));
  const paged = new PagedSequence(step, nodes, again, liveBytes).page(leavers, budgetBytes);
  const passive = {
    offloads: Int32Array.from(isSwapped).sort(),
    waits: Int32Array.from(swapped.flatMap(({ value, before }) => [before, value])),
  };
  return pagedPlan(context, deltaName, pairs, paged ?? passive);
}

/** DELTA, simulated on the step as a static trace. */
export const delta: readonly Baseline[] = parts.map((part): Baseline => ({
  name: `${deltaName} ${part} %`,
  family: 'offload',
  strategies: ['schedule'],
  sweep: deltaName,
  isDear: true,
  description: `Tang et al. 2022, simulated online without knowing the future: when memory is full, what DTR’s score names is swapped out or computed again later, whichever costs less, and prefetched. Hard budget ${part} % of the way from the least possible to keeping everything; no fragmentation, no run-time cost.`,
  plan: (context) => deltaPlan(context, budgetPart(context, part), maxWork),
}));
