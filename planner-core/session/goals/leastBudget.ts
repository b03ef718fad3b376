import type { Job } from '../../base/job';
import { formatMemory } from '../../base/format';
import { KnapsackBound } from '../../planners/bounds/knapsackBound';
import type { PlannedDirectives } from '../../planners/problem';
import type { LeastBudget } from './goal';
import type { FitStep } from './fitter';
import type { PlanningQuestion } from './planningQuestion';

/** Budgets tried between the best plan known and what cannot be. */
const refinements = 8;
/** Budgets closer than this share are the same to a person. */
const closeEnough = 0.002;
/** Enough to halve any range of bytes down to one. */
const halvings = 60;

/**
 * The smallest budget under which the strategy finds a plan that adds at most so much time, and what is proven about
 * smaller ones. Throws 'cancelled' when the job is.
 */
export async function leastBudget(question: PlanningQuestion, job: Job): Promise<LeastBudget> {
  const { maxOverheadPercent } = question.question;
  const step = question.start;
  await job.checkpoint();
  const { pools, keepAll, planning } = step;
  const { strategy } = question.inputs;
  const isFast = (stepTimeMs: number): boolean => step.overheadOf(stepTimeMs) <= maxOverheadPercent;
  const provenLeastBytes = await provenLeast(step, maxOverheadPercent, job);
  const known = await pools.knownOf(strategy, job);
  job.progress(0.5);
  const fastEnough = known.plans.all.find((plan) => isFast(plan.stepTimeMs));
  const best = fastEnough ?? (isFast(keepAll.stepTimeMs) ? keepAll : undefined);
  const keepAllPeakBytes = keepAll.peakBytes;
  if (!best) return { goal: 'least-budget', provenLeastBytes, keepAllPeakBytes };

  let budgetBytes = best.peakBytes;
  let found: PlannedDirectives = await planning.within(budgetBytes, job);
  /** Planning anew at the budget that is told must give the plan that is told: a plan's own peak is another budget. */
  const isFound = async (tried: number): Promise<boolean> => {
    await job.checkpoint();
    const plan = await planning.within(tried, job);
    if (plan.infeasible || !isFast(plan.stepTimeMs)) return false;
    budgetBytes = tried;
    found = plan;
    return true;
  };
  let tooLow = provenLeastBytes;
  for (let i = 0; i < refinements && budgetBytes - tooLow > closeEnough * budgetBytes; i++) {
    job.progress(0.5 + (0.5 * i) / refinements);
    const tried = Math.floor((tooLow + budgetBytes) / 2);
    if (!(await isFound(tried))) tooLow = tried;
  }
  while (found.peakBytes < budgetBytes && (await isFound(found.peakBytes)));
  return {
    goal: 'least-budget',
    plan: {
      ...step.needOf(found),
      planner: found.planner,
      budgetBytes,
      edit: question.edit(`Budget ${formatMemory(budgetBytes)}`, [], budgetBytes),
    },
    provenLeastBytes,
    keepAllPeakBytes,
  };
}

/** Under a smaller budget every plan adds more time than that. The floor where nothing better is proven. */
async function provenLeast(step: FitStep, maxOverheadPercent: number, job: Job): Promise<number> {
  await job.checkpoint();
  const { pools, state } = step;
  const { floor, context, problem, keepAllPeakBytes } = pools;
  const base = state.view.keepAllStepTimeMs;
  // Of plans that may offload too little is proven to be worth a search.
  if (!context.isSingleDevice || base <= 0 || problem.offload) return floor.bytes;
  await job.checkpoint();
  const bound = new KnapsackBound(problem.step, problem.layers.recomputable);
  const isRuledOut = (budgetBytes: number): boolean =>
    (100 * bound.leastAddedMs(budgetBytes)) / base > maxOverheadPercent;
  let low = floor.bytes;
  let high = Math.max(low, keepAllPeakBytes);
  if (!isRuledOut(low)) return low;
  for (let i = 0; i < halvings && high - low > 1; i++) {
    await job.checkpoint();
    const middle = Math.floor((low + high) / 2);
    if (isRuledOut(middle)) low = middle;
    else high = middle;
  }
  return high;
}
