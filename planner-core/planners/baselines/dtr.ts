import { provenFloor, type PlanningContext } from '../context';
import type { PlannedDirectives } from '../problem';
import { schedulePlan, type Baseline } from './baseline';
import { dynamicRematerialisation } from './dynamicRematerialisation';
import { evictionScores, type EvictionScore } from './evictionScores';
import { oncePer } from './oncePer';

/** Budgets it is drawn at: parts of the way from the least possible peak to that of keeping everything. */
const parts = [75, 50, 25] as const;

/** Values a run may look at before it is given up: about a tenth of a second. */
export const maxWork = 5_000_000;
/** The same when a single plan is asked for. */
export const maxWorkAsked = 500_000_000;

const meanings: Readonly<Record<EvictionScore, string>> = {
  h_DTR: 'least (time to bring it back with its evicted neighbours) / (bytes × staleness) first',
  'h_DTR eq': 'as h_DTR, with neighbours summed by equivalence classes',
  LRU: 'least recently used first',
  largest: 'largest first',
};

/** What a variant is called when it runs under a budget that is asked for. */
export const dtrName = (score: EvictionScore): string => `DTR ${score}`;

/** The plan of an online run under a budget; undefined when it runs out of memory or time. */
export function dtrPlan(
  context: PlanningContext,
  score: EvictionScore,
  budgetBytes: number,
  work = maxWorkAsked,
): PlannedDirectives | undefined {
  const recomputations = dynamicRematerialisation(context.step, context.fixed, budgetBytes, score, work);
  return recomputations && schedulePlan(context, dtrName(score), recomputations);
}

interface BudgetRange {
  readonly floorBytes: number;
  readonly keepAllBytes: number;
}

const rangeOf = oncePer((context: PlanningContext): BudgetRange => ({
  floorBytes: provenFloor(context).bytes,
  keepAllBytes: context.evaluate(context.pinnedRecomputations).peakBytes,
}));

/** A part, in per cent, of the way from the least possible peak to that of keeping everything. */
export function budgetPart(context: PlanningContext, percent: number): number {
  const { floorBytes, keepAllBytes } = rangeOf(context);
  return floorBytes + ((keepAllBytes - floorBytes) * percent) / 100;
}

/** Dynamic tensor rematerialisation, simulated on the step as a static trace. */
export const dtr: readonly Baseline[] = evictionScores.flatMap((score) =>
  parts.map((part): Baseline => ({
    name: `${dtrName(score)} ${part} %`,
    family: 'dtr',
    strategies: ['schedule'],
    sweep: dtrName(score),
    isDear: true,
    description: `Kirisame et al. 2021, simulated online without knowing the future: when memory is full, ${meanings[score]}. Hard budget ${part} % of the way from the least possible to keeping everything; no fragmentation, no run-time cost.`,
    plan: (context) => dtrPlan(context, score, budgetPart(context, part), maxWork),
  })),
);
