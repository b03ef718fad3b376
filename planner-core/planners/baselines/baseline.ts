import type { Decision, Strategy } from '../../plan/plan';
import type { PlanningContext } from '../context';
import type { PlannedDirectives } from '../problem';
import { withPinnedRecomputations } from './withPinnedRecomputations';

/** Where a rule comes from; the view draws each family with a mark of its own. */
export const baselineFamilies = [
  'modules',
  'operators',
  'chen',
  'pytorch',
  'dtr',
  'checkmate',
  'offload',
] as const;
export type BaselineFamily = (typeof baselineFamilies)[number];

/** A published or customary rule for what to compute again, to hold plans against. */
export interface Baseline {
  /** Unique; what people ask for and see. */
  readonly name: string;
  readonly family: BaselineFamily;
  /** Strategies its plans can be applied by; the first is the one it is drawn as. None: every strategy. */
  readonly strategies: readonly Strategy[];
  /** One line: whose rule it is and how it is set up here. */
  readonly description: string;
  /** Rules that differ in one setting only: of these, those that another one beats are not drawn. */
  readonly sweep?: string;
  /** Takes long enough to be left to the background. */
  readonly isDear?: boolean;
  /**
   * The rule's plan with the pins on top, for one of its strategies; undefined where the rule leads nowhere (it would
   * repeat computations without end).
   */
  plan(context: PlanningContext, strategy: Strategy): PlannedDirectives | undefined;
}

/** The strategy a rule is drawn as. */
export const ownStrategy = ({ strategies }: Baseline): Strategy => strategies[0] ?? 'module-checkpoint';

/** Can plans of a strategy follow the rule? */
export const isFor = ({ strategies }: Baseline, strategy: Strategy): boolean =>
  strategies.length === 0 || strategies.includes(strategy);

/** A plan of single recomputations; pinned ones are added, and decisions name the operators that run again. */
export function schedulePlan(
  context: PlanningContext,
  name: string,
  recomputations: Int32Array,
): PlannedDirectives {
  const all = withPinnedRecomputations(recomputations, context.pinnedRecomputations);
  return context.planned(name, all, repeatedOperators(context, all));
}

function repeatedOperators({ step }: PlanningContext, recomputations: Int32Array): Decision[] {
  const names = new Set<string>();
  for (let i = 1; i < recomputations.length; i += 2) names.add(step.nodeName[recomputations[i]]);
  return [...names].map((target) => ({ target, kind: 'operator', choice: 'recompute' }));
}
