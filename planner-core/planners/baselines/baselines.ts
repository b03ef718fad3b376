import type { Job } from '../../base/job';
import type { Strategy } from '../../plan/plan';
import type { PlanningContext } from '../context';
import type { PlannedDirectives } from '../problem';
import { isFor, ownStrategy, type Baseline } from './baseline';
import { blockRules, keepAll } from './blockRules';
import { chenGreedy } from './chenGreedy';
import { chenSquareRoot } from './chenSquareRoot';
import { delta } from './delta';
import { dtr } from './dtr';
import { layerOffload } from './layerOffload';
import { memoryBudgets } from './memoryBudget';
import { operatorPolicies } from './operatorPolicies';

/**
 * All rules, in the order they are listed; the first is keeping everything. To add one: a file, and a line here.
 * Not here: rounding the relaxation of Checkmate's program (`lpRounding.ts`), which waits for an engine.
 */
export const baselines: readonly Baseline[] = [
  keepAll,
  ...blockRules,
  ...operatorPolicies,
  ...chenSquareRoot,
  ...chenGreedy,
  ...memoryBudgets,
  ...dtr,
  ...delta,
  ...layerOffload,
];

/** Names of the rules that are always at hand. */
export const baselineNames: readonly string[] = baselines
  .filter(({ isDear }) => !isDear)
  .map(({ name }) => name);

/**
 * The plan of one rule with the pins on top, for a strategy (the rule's own unless told); undefined for an unknown
 * name, for a strategy that cannot apply it, and where the rule leads nowhere.
 */
export function baselinePlan(
  context: PlanningContext,
  name: string,
  strategy?: Strategy,
): PlannedDirectives | undefined {
  const rule = baselines.find((candidate) => candidate.name === name);
  if (!rule) return undefined;
  if (strategy && !isFor(rule, strategy)) return undefined;
  return planOnce(context, rule, strategy ?? ownStrategy(rule));
}

const plansOfContexts = new WeakMap<PlanningContext, Map<string, PlannedDirectives | undefined>>();

/** Several planners start from the same rules: each is planned once for a context and strategy. */
function planOnce(
  context: PlanningContext,
  rule: Baseline,
  strategy: Strategy,
): PlannedDirectives | undefined {
  let plans = plansOfContexts.get(context);
  if (!plans) plansOfContexts.set(context, (plans = new Map()));
  const key = `${strategy} ${rule.name}`;
  if (!plans.has(key)) plans.set(key, rule.plan(context, strategy));
  return plans.get(key);
}

/** A rule with its plan. */
export interface PlannedBaseline {
  readonly baseline: Baseline;
  readonly plan: PlannedDirectives;
}

/** The plans of all rules that are always at hand, keeping everything first; of a sweep only those nothing in it beats. */
export function planBaselines(context: PlanningContext): PlannedBaseline[] {
  return withoutBeaten(
    baselines
      .filter(({ isDear }) => !isDear)
      .flatMap((baseline) => {
        const plan = planOnce(context, baseline, ownStrategy(baseline));
        return plan ? [{ baseline, plan }] : [];
      }),
  );
}

/**
 * The plans of the rules that take longer, in the background: what leads nowhere or needs too much work is left out.
 * Throws 'cancelled' when the job is.
 */
export async function planDearBaselines(context: PlanningContext, job: Job): Promise<PlannedBaseline[]> {
  const planned: PlannedBaseline[] = [];
  for (const baseline of baselines) {
    if (!baseline.isDear) continue;
    await job.checkpoint();
    const plan = planOnce(context, baseline, ownStrategy(baseline));
    if (plan) planned.push({ baseline, plan });
  }
  return withoutBeaten(planned);
}

/** Leaves out the settings of a sweep that another setting beats or equals (of equals the first stays). */
export function withoutBeaten(planned: readonly PlannedBaseline[]): PlannedBaseline[] {
  return planned.filter(
    ({ baseline: { sweep }, plan }, at) =>
      sweep === undefined ||
      !planned.some((other, i) => {
        if (i === at || other.baseline.sweep !== sweep) return false;
        const { peakBytes, stepTimeMs } = other.plan;
        const isNoWorse = peakBytes <= plan.peakBytes && stepTimeMs <= plan.stepTimeMs;
        const isSame = peakBytes === plan.peakBytes && stepTimeMs === plan.stepTimeMs;
        return isNoWorse && (!isSame || i < at);
      }),
  );
}
