import type { Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import { placeRepeats } from './repeatPositions';
import { RetentionFacts } from './retentionFacts';
import { RetentionProgram } from './retentionProgram';

/** Name shown to people. */
export const lpRoundingName = 'LP rounding';

/** The relaxation is solved for this share of the budget, so that rounding has room. */
const budgetShare = 0.9;
const thresholds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** Checkmate has a stage for each node; a step with more nodes over the budget than this gets that many stages. */
const mostStages = 48;
const timeLimitS = 5;

/**
 * The approximation of Checkmate (Jain et al., MLSys 2020, and its released solver): solve the relaxation at 0.9 of the
 * budget, hold what the solution holds to at least a threshold, repeat what that asks for, and take the cheapest
 * threshold whose plan fits the budget. undefined when none does, or the relaxation has no solution in time.
 */
export async function roundRelaxation(
  context: PlanningContext,
  budgetBytes: number,
  engine: MilpEngine,
  job: Job,
): Promise<Candidate | undefined> {
  await job.checkpoint();
  const { step, fixed, pinnedRecomputations } = context;
  const facts = new RetentionFacts(
    step,
    fixed.map((flag) => 1 - flag),
  );
  const tight = budgetShare * budgetBytes;
  const over = Array.from({ length: step.nodeCount }, (_, node) => node).filter(
    (node) => facts.keepAllBytes[node] > tight,
  );
  const stride = Math.max(1, over.length / mostStages);
  const moments = [...new Set(over.map((_, i) => over[Math.floor(Math.floor(i / stride) * stride)]))];
  if (moments.length === 0) return undefined;
  const program = new RetentionProgram(facts, moments, tight, Infinity, [], pinnedRecomputations);
  const { incumbent } = await engine.solve(program.program, { timeLimitS, isRelaxed: true });
  await job.checkpoint();
  if (!incumbent) return undefined;
  let best: Candidate | undefined;
  for (const threshold of thresholds) {
    const repeats = program.repeatsHolding(incumbent.values, threshold);
    const recomputations = placeRepeats(step, program, repeats, pinnedRecomputations);
    const { peakBytes, stepTimeMs } = context.evaluate(recomputations);
    if (peakBytes > budgetBytes || (best && stepTimeMs >= best.stepTimeMs)) continue;
    best = { peakBytes, stepTimeMs, planner: lpRoundingName, recomputations };
  }
  return best;
}
