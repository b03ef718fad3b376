import { HeadroomError } from '../../base/errors';
import type { Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import { improveAndProve, type ProvenPlan } from '../exact/improveAndProve';
import { layerIndexOf } from '../../plan/layerIndex';
import { compileSchedule } from '../../simulator/compileSchedule';
import { Op } from '../../simulator/schedule';
import { simulate } from '../../simulator/simulate';
import type { GraphInstance } from '../../step/graphInstance';
import { boundOfPlan } from '../bounds/boundOfPlan';
import { KnapsackBound } from '../bounds/knapsackBound';
import { PlanningContext, provenFloor } from '../context';
import { improveSchedule } from '../schedule/improveSchedule';
import { ParetoPlans, type Candidate } from '../paretoPlans';
import { whyInfeasible } from '../planAtBudget';
import { collectSchedulePlans } from '../schedule/schedulePlans';
import type { InstanceAction, InstanceSolution, SolveRequest } from '../solveInstance';

/** The search for improvements ends after so many rounds without one, fewer for large steps, whose rounds take longer. */
const idleRounds = (nodeCount: number): number => Math.min(2000, Math.max(40, 200_000 / nodeCount));
/** A time limit pays for more patience. */
const patience = 100;
/** Share of the time for the search alone: a better start makes the proof easier. */
const quickShare = 0.2;
/** Before a time limit is over everything comes to an end: by this share of it, and no more than so long. */
const endShare = 0.15;
const mostEndS = 1.5;
/** An engine that is stopped needs so long to be gone; with less than twice of it there is only the search. */
const engineEndS = 0.8;
/** Without a time limit the proof ends after this. */
const unlimitedProofS = 10;

/** Plans what to compute again so that the instance's order fits the budget on its first device. */
export async function rematerialise(
  instance: GraphInstance,
  request: SolveRequest,
  isOver: () => boolean,
  elapsedMs: () => number,
  engine: MilpEngine | undefined,
  job: Job,
): Promise<Omit<InstanceSolution, 'solveMs'>> {
  const { step } = instance;
  const root = { id: 0, name: '', parent: 0, children: [] };
  const problem = { step, layers: layerIndexOf([root], step), pins: [] };
  const context = new PlanningContext(problem);
  const keepAll = context.planned('keep all', new Int32Array(0), []);
  const basePeakBytes = instance.baseline?.peakBytes ?? keepAll.peakBytes;
  const budgetBytes = budgetOf(instance, request, basePeakBytes);

  const seeds = new ParetoPlans();
  seeds.add({ ...keepAll, recomputations: keepAll.directives.recomputations });
  let firstPlanMs: number | undefined;
  const found = ({ peakBytes: bytes }: Candidate): void => {
    if (bytes <= budgetBytes) firstPlanMs ??= elapsedMs();
  };
  seeds.all.forEach(found);
  // What is proven not to exist need not be looked for.
  const isNeeded = keepAll.peakBytes > budgetBytes && provenFloor(context).bytes <= budgetBytes;
  const pool = isNeeded
    ? await collectSchedulePlans(context, [budgetBytes], seeds, job, { isOver, found })
    : seeds;
  const { plan: best, leastAddedMs } = isNeeded
    ? await bestAndProof(context, budgetBytes, pool.under(budgetBytes), request, elapsedMs, engine, job)
    : { plan: pool.under(budgetBytes), leastAddedMs: 0 };
  if (best) found(best);
  const plan = best ?? pool.least!;
  const schedule = compileSchedule(step, context.directives(plan.recomputations));
  const { peakBytes, stepTimeMs } = simulate(step, schedule);
  const percent = (ms: number): number => (keepAll.stepTimeMs > 0 ? (100 * ms) / keepAll.stepTimeMs : 0);
  const overheadPercent = percent(stepTimeMs - keepAll.stepTimeMs);
  const feasible = peakBytes <= budgetBytes;
  const lowerBoundPercent = feasible ? boundOfPlan(percent(leastAddedMs), overheadPercent) : 0;
  const actions: InstanceAction[] = [];
  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    // The node that only reads what must be there at the end: nothing happens from there on.
    if (schedule.op[entry] === Op.compute && subject >= instance.order.length) break;
    if (schedule.op[entry] === Op.compute) actions.push({ op: 'compute', node: instance.order[subject] });
    else actions.push({ op: 'free', node: instance.order[step.producer[subject]] });
  }
  const why = feasible
    ? undefined
    : whyInfeasible(
        problem,
        { directives: context.directives(plan.recomputations), peakBytes },
        budgetBytes,
        { isProven: leastAddedMs === Infinity, isSought: isNeeded },
      );
  return {
    feasible,
    timeTotal: stepTimeMs,
    overheadPercent,
    peakBytes,
    budgetBytes: Number.isFinite(budgetBytes) ? budgetBytes : undefined,
    lowerBoundPercent,
    gapPercent: feasible ? overheadPercent - lowerBoundPercent : 0,
    planner: plan.planner,
    firstPlanMs,
    schedule: actions,
    message:
      why?.isProven === false && isOver()
        ? `No plan found in the time given; unproven. ${why.message}`
        : why?.message,
  };
}

/** Improves the first plan, for as long as there is time, and proves what it can. */
async function bestAndProof(
  context: PlanningContext,
  budgetBytes: number,
  first: Candidate | undefined,
  { timeLimitS }: SolveRequest,
  elapsedMs: () => number,
  engine: MilpEngine | undefined,
  job: Job,
): Promise<ProvenPlan> {
  const { step, problem } = context;
  const rounds = idleRounds(step.nodeCount);
  const limitMs =
    timeLimitS === undefined
      ? elapsedMs() + 1000 * unlimitedProofS
      : 1000 * (timeLimitS - Math.min(mostEndS, endShare * timeLimitS));
  const proofS = (): number => (limitMs - elapsedMs()) / 1000 - engineEndS;
  const instant = new KnapsackBound(step, problem.layers.recomputable).leastAddedMs(budgetBytes);
  const isProving = engine !== undefined && instant < Infinity && proofS() > engineEndS;
  const idle = rounds * (timeLimitS === undefined ? 1 : patience);
  const quickMs = isProving ? elapsedMs() + quickShare * (limitMs - elapsedMs()) : limitMs;
  const quick = {
    idleRounds: isProving ? rounds : idle,
    isOver: () => timeLimitS !== undefined && elapsedMs() > quickMs,
  };
  const plan = first && (await improveSchedule(context, first, budgetBytes, quick, job));
  const left = proofS();
  if (!isProving || left <= 0) return { plan, leastAddedMs: instant };
  return improveAndProve(context, budgetBytes, plan, engine, left, job);
}

function budgetOf(instance: GraphInstance, request: SolveRequest, basePeakBytes: number): number {
  const { budgetBytes, budgetRatio } = request;
  for (const value of [budgetBytes, budgetRatio]) {
    if (value !== undefined && !(value >= 0)) throw new HeadroomError('bad-usage', `The budget is ${value}.`);
  }
  if (budgetBytes !== undefined) return budgetBytes;
  if (budgetRatio !== undefined) return Math.floor(budgetRatio * basePeakBytes);
  return instance.devices[0].memoryBytes ?? Infinity;
}
