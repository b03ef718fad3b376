import type { ModuleNode } from '../../planner-core/graph/modelGraph';
import { directivesOf } from '../../planner-core/plan/directives';
import { layerIndexOf, type LayerIndex } from '../../planner-core/plan/layerIndex';
import { choices, type Choice, type Decision } from '../../planner-core/plan/plan';
import { resolveDecisions } from '../../planner-core/plan/resolveDecisions';
import type { LayerRow } from '../../planner-core/session/types';
import type { Directives } from '../../planner-core/simulator/schedule';
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
  const before = resolveDecisions(step, index, shown.decisions);
  return choices.map((choice) => {
    const decisions = withChoice(shown.decisions, tree, row, choice);
    const after = resolveDecisions(step, index, decisions);
    const isChanged = (node: number): boolean => before.choice[node] !== after.choice[node];
    const compiled = directivesOf(step, index, decisions, shown.strategy);
    const directives = withTransfersOf(step, compiled, shown.evaluation.directives, isChanged);
    const { simulation } = new Evaluation(step, directives);
    return { choice, peakBytes: simulation.perDevicePeakBytes[0], stepTimeMs: simulation.stepTimeMs };
  });
}

/**
 * Decisions tell what leaves the device, not when it comes back: what other nodes than those that are decided otherwise send
 * away keeps the moments that the plan chose. What leaves anew comes back just before its use.
 */
function withTransfersOf(
  step: StepGraph,
  compiled: Directives,
  planned: Directives,
  isChanged: (node: number) => boolean,
): Directives {
  if (planned.offloads.length === 0) return compiled;
  const isChangedValue = (value: number): boolean =>
    step.producer[value] >= 0 && isChanged(step.producer[value]);
  const left = planned.offloads.filter((value) => !isChangedValue(value));
  const stays = new Set(left);
  const ofStays = (pairs: Int32Array | undefined): Int32Array | undefined =>
    pairs?.filter((_, i) => stays.has(pairs[i | 1]));
  return {
    ...compiled,
    offloads: Int32Array.from([...left, ...compiled.offloads.filter(isChangedValue)]).sort(),
    fetches: ofStays(planned.fetches),
    waits: ofStays(planned.waits),
  };
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
