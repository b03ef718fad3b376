import { strategies, type Decision, type Plan, type Strategy } from '../../planner-core/plan/plan';
import { pointAtBudget, type Frontier } from '../../planner-core/planners/frontier';
import type { ComparedPlan } from '../../planner-core/protocol/comparedPlan';
import type { PlanOfStep } from '../../planner-core/session/types';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { t } from '../base/l10n';
import { strategyNames } from '../ui/names';
import { evaluate, type Evaluation } from './evaluation';
import { shortPlanName } from './planFileName';
import type { StepModel } from './view';

/** What a plan can be held against. */
export interface ComparisonChoice {
  /** Kept in the view's state. */
  readonly id: string;
  readonly label: string;
  /** What distinguishes it, where the label is too long for a list. */
  readonly shortLabel?: string;
}

/** A plan that the one on screen is held against; its computations are those on screen, whatever their sizes. */
export interface OtherPlan extends ComparisonChoice {
  readonly evaluation: Evaluation;
  /** Empty where only directives are known. */
  readonly decisions: readonly Decision[];
  /** As a file would say it; absent for rules. */
  readonly plan?: Plan;
}

/** What there is to compare with, now. */
export interface ComparisonSources {
  readonly step: StepModel;
  /** The plan before the last edit. */
  readonly before: PlanOfStep | undefined;
  /** The plan that the host was asked for. */
  readonly stored: ComparedPlan | undefined;
  readonly frontier: Frontier | undefined;
}

/** The choice that stands for the plan the host was asked for. */
export const storedId = 'stored';
const keepAllId = 'keep-all';
const beforeId = 'before-edit';
const rulePrefix = 'rule:';
const strategyPrefix = 'strategy:';

/** Does what is compared with depend on the budget? */
export const followsBudget = (id: string | undefined): boolean => id?.startsWith(strategyPrefix) === true;

/** Other plans of the same model: this one's past, files, other strategies, well-known rules. */
export function planChoices({ step, before, stored, frontier }: ComparisonSources): ComparisonChoice[] {
  const isAlike = (plan: PlanOfStep | undefined): boolean =>
    plan !== undefined && haveSameNodes(plan.step.step, step.view.step);
  const choices: ComparisonChoice[] = [{ id: keepAllId, label: t('keeping everything') }];
  if (isAlike(before)) choices.push({ id: beforeId, label: t('before the last edit') });
  if (stored && isAlike(stored)) {
    const { name, plan } = stored;
    choices.push({ id: storedId, label: name, shortLabel: shortPlanName(name, plan.plan.model.file) });
  }
  for (const strategy of strategies) {
    if ((frontier?.strategies[strategy] ?? []).length > 0)
      choices.push({
        id: strategyPrefix + strategy,
        label: t('{0} at this budget', strategyNames[strategy]),
      });
  }
  const rules = new Set(frontier?.baselines.map(({ name }) => name));
  return [...choices, ...[...rules].map((name) => ({ id: rulePrefix + name, label: name }))];
}

/** undefined where there is nothing of that id (any more). */
export function otherPlan(
  id: string | undefined,
  budgetBytes: number,
  sources: ComparisonSources,
): OtherPlan | undefined {
  const choice = id === undefined ? undefined : planChoices(sources).find((known) => known.id === id);
  if (!choice) return undefined;
  const { step, before, stored, frontier } = sources;
  const onScreen = step.view.step;
  switch (choice.id) {
    case keepAllId:
      return { ...choice, evaluation: step.keepAll, decisions: [] };
    case beforeId:
      return before && { ...choice, ...ofPlan(before) };
    case storedId:
      return stored && { ...choice, ...ofPlan(stored) };
    default: {
      const strategy = choice.id.slice(strategyPrefix.length) as Strategy;
      const found = followsBudget(choice.id)
        ? pointAtBudget(frontier?.strategies[strategy] ?? [], budgetBytes)
        : frontier?.baselines.find(({ name }) => rulePrefix + name === choice.id);
      return found && { ...choice, evaluation: evaluate(onScreen, found.directives), decisions: [] };
    }
  }
}

const ofPlan = ({ step, plan }: PlanOfStep): Pick<OtherPlan, 'evaluation' | 'decisions' | 'plan'> => ({
  evaluation: evaluate(step.step, plan.directives),
  decisions: plan.plan.decisions,
  plan: plan.plan,
});

/** Are the nodes the same computations, whatever their sizes? A batch or a precision may have changed. */
function haveSameNodes(one: StepGraph, other: StepGraph): boolean {
  return (
    one === other ||
    (one.nodeCount === other.nodeCount && one.nodeName.every((name, node) => name === other.nodeName[node]))
  );
}
