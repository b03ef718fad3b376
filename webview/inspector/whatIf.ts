import type { ModuleNode } from '../../planner-core/graph/modelGraph';
import { directivesOf } from '../../planner-core/plan/directives';
import { layerIndexOf, type LayerIndex } from '../../planner-core/plan/layerIndex';
import { choices, type Choice, type Decision } from '../../planner-core/plan/plan';
import type { LayerRow } from '../../planner-core/session/types';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { Evaluation } from '../state/evaluation';
import { rowKey, rowsInside, type LayerTree } from '../state/layerTree';
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
  tree: LayerTree,
  shown: ShownPlan,
  row: LayerRow,
): Effect[] {
  if (!modules || shown.preview || shown.strategy === 'schedule') return [];
  let index = indexes.get(step);
  if (!index) indexes.set(step, (index = layerIndexOf(modules, step)));
  return choices.map((choice) => {
    const decisions = withChoice(shown.decisions, tree, row, choice);
    const { simulation } = new Evaluation(step, directivesOf(step, index, decisions, shown.strategy));
    return { choice, peakBytes: simulation.perDevicePeakBytes[0], stepTimeMs: simulation.stepTimeMs };
  });
}

/** The choice takes the place of what the planner decided for the row and for layers in it; other pins stay. */
function withChoice(
  decisions: readonly Decision[],
  tree: LayerTree,
  row: LayerRow,
  choice: Choice,
): Decision[] {
  const inside = new Set(rowsInside(tree, row.id).map((id) => rowKey(tree.layers[id])));
  const own = decisions.find(({ kind, target }) => kind === row.kind && target === row.name);
  const others = decisions.filter(
    (decision) => decision !== own && (decision.pinned || !inside.has(`${decision.kind} ${decision.target}`)),
  );
  return [...others, { ...own, target: row.name, kind: row.kind, choice }];
}
