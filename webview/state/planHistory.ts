import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { ViewState } from '../../planner-core/protocol/messages';
import type { PlanOfStep } from '../../planner-core/session/types';

/**
 * Remembers the plan that was there before the last edit (or undo) was answered. A plan that the background search puts in
 * the place of another answers no edit: the one before stays.
 */
export function planHistory(): (host: ViewState) => PlanOfStep | undefined {
  let inputs: PlanInputs | undefined;
  let current: PlanOfStep | undefined;
  let before: PlanOfStep | undefined;
  return ({ inputs: asked, step, plan }) => {
    if (!step || !plan || plan === current?.plan) return before;
    if (current && asked !== inputs) before = current;
    current = { step, plan };
    inputs = asked;
    return before;
  };
}
