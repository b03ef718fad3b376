import { HeadroomError } from '../base/errors';
import { formatMemory } from '../base/format';
import type { Strategy } from '../plan/plan';
import { isFor, ownStrategy, type Baseline } from './baselines/baseline';
import { baselines } from './baselines/baselines';
import { deltaName, deltaPlan } from './baselines/delta';
import { dtrName, dtrPlan } from './baselines/dtr';
import { evictionScores, type EvictionScore } from './baselines/evictionScores';
import { collectPlans } from './collectPlans';
import { PlanningContext } from './context';
import { decisionsOf } from './decisionsOf';
import { improveSchedule } from './schedule/improveSchedule';
import type { Planner, PlanningProblem } from './problem';

/** Patience of the search around a schedule: idle rounds times computations of the step. */
const searchWork = 20_000;
const mostIdleRounds = 150;

/** The planner a strategy uses unless told otherwise: the best of all its planners and the well-known rules. */
function bestOf(strategy: Strategy): Planner {
  return {
    name: `best ${strategy}`,
    strategy,
    async plan(problem, budgetBytes, job, known) {
      await job.checkpoint();
      const context = new PlanningContext(problem);
      const pool = known?.areAll ? known.plans : await collectPlans(context, strategy, [budgetBytes], job);
      if (!known?.areAll) for (const plan of known?.plans.all ?? []) pool.add(plan);
      const fitting = pool.under(budgetBytes);
      const limit = {
        idleRounds: Math.min(mostIdleRounds, Math.ceil(searchWork / problem.step.nodeCount)),
        isOver: () => false,
      };
      const plan =
        fitting && strategy === 'schedule'
          ? await improveSchedule(context, fitting, budgetBytes, limit, job)
          : (fitting ?? pool.least!);
      const chosen = decisionsOf(problem.step, problem.layers, plan.recomputations, strategy);
      return context.planned(plan.planner, plan.recomputations, chosen);
    },
  };
}

/** A rule that ignores the budget. */
function plannerOf(rule: Baseline, strategy = ownStrategy(rule)): Planner {
  return {
    name: rule.name,
    strategy,
    async plan(problem, _budgetBytes, job) {
      await job.checkpoint();
      if (rule.family === 'offload') requirePlace(rule.name, problem);
      const plan = rule.plan(new PlanningContext(problem), strategy);
      if (plan) return plan;
      throw new HeadroomError('infeasible', `The rule "${rule.name}" leads nowhere for this step.`);
    },
  };
}

/** Dynamic rematerialisation, which runs under the budget itself. */
function onlinePlanner(score: EvictionScore): Planner {
  return {
    name: dtrName(score),
    strategy: 'schedule',
    async plan(problem, budgetBytes, job) {
      await job.checkpoint();
      const plan = dtrPlan(new PlanningContext(problem), score, budgetBytes);
      if (plan) return plan;
      const message = `"${dtrName(score)}" runs out of memory or time under ${formatMemory(budgetBytes)}.`;
      throw new HeadroomError('infeasible', message);
    },
  };
}

/** DELTA, which runs under the budget itself. */
const deltaPlanner: Planner = {
  name: deltaName,
  strategy: 'schedule',
  async plan(problem, budgetBytes, job) {
    await job.checkpoint();
    requirePlace(deltaName, problem);
    const plan = deltaPlan(new PlanningContext(problem), budgetBytes);
    if (plan) return plan;
    const message = `"${deltaName}" runs out of memory or time under ${formatMemory(budgetBytes)}.`;
    throw new HeadroomError('infeasible', message);
  },
};

function requirePlace(name: string, { offload }: PlanningProblem): void {
  if (offload) return;
  const message = `"${name}" sends values away, and nothing says where they may go.`;
  throw new HeadroomError('bad-usage', message, 'Let values leave: offload to host memory or to storage.');
}

/** All planners by which a plan can be asked for. */
export const planners: readonly Planner[] = [
  bestOf('module-checkpoint'),
  bestOf('selective'),
  bestOf('schedule'),
  ...baselines.map((rule) => plannerOf(rule)),
  ...evictionScores.map(onlinePlanner),
  deltaPlanner,
];

/**
 * The named planner, or the strategy's best. A rule follows the strategy where it can, else its own: the answer's
 * `strategy` says which. Throws 'bad-usage' for a name that does not exist.
 */
export function findPlanner(strategy: Strategy, name?: string): Planner {
  const rule = baselines.find((candidate) => candidate.name === name);
  if (rule && isFor(rule, strategy)) return plannerOf(rule, strategy);
  const planner = planners.find((candidate) =>
    name === undefined ? candidate.strategy === strategy : candidate.name === name,
  );
  if (planner) return planner;
  const names = planners.map((candidate) => `"${candidate.name}"`).join(', ');
  throw new HeadroomError('bad-usage', `There is no planner "${String(name)}".`, `Planners: ${names}.`);
}
