import type { ModuleNode } from '../../planner-core/graph/modelGraph';
import { directivesOf } from '../../planner-core/plan/directives';
import { layerIndexOf, type LayerIndex } from '../../planner-core/plan/layerIndex';
import { choices, type Choice, type Decision } from '../../planner-core/plan/plan';
import type { LayerRow } from '../../planner-core/session/types';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { Evaluation } from '../state/evaluation';
import type { ShownPlan } from '../state/shownPlan';

/** What the plan would be if one row were decided otherwise and everything else stayed. */
export interface Effect {
  readonly choice: Choice;
  readonly peakBytes: number;
  readonly stepTimeMs: number;
}

const indexes = new WeakMap<StepGraph, LayerIndex>();

/**
 * The effect of each choice for a row, by the same compiler and simulator that make the plan. Empty where decisions do
 * not determine the schedule: for a preview, and for the strategy `schedule`.
 */
export function effectsOf(
  step: StepGraph,
  modules: readonly ModuleNode[] | undefined,
  shown: ShownPlan,
  row: LayerRow,
): Effect[] {
  if (!modules || shown.preview || shown.strategy === 'schedule') return [];
  let index = indexes.get(step);
  if (!index) indexes.set(step, (index = layerIndexOf(modules, step)));
  return choices.map((choice) => {
    const decisions = withChoice(shown.decisions, row, choice);
    const { simulation } = new Evaluation(step, directivesOf(step, index, decisions, shown.strategy));
    return { choice, peakBytes: simulation.perDevicePeakBytes[0], stepTimeMs: simulation.stepTimeMs };
  });
}

function withChoice(decisions: readonly Decision[], row: LayerRow, choice: Choice): Decision[] {
  const isRow = ({ kind, target }: Decision): boolean => kind === row.kind && target === row.name;
  const own = decisions.find(isRow);
  const others = decisions.filter((decision) => !isRow(decision));
  return [...others, { ...own, target: row.name, kind: row.kind, choice }];
}
