import { applyEdit, type PlanInputs } from '../../planner-core/plan/planInputs';
import { keepEverything } from '../../planner-core/simulator/schedule';
import { eachDevice } from '../../planner-core/devices/machine';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { ViewState } from '../../planner-core/protocol/messages';
import { withPlan, type Frontier } from '../../planner-core/planners/frontier';
import type { BudgetBound } from '../../planner-core/session/refine';
import type { PlanOfStep, StepView } from '../../planner-core/session/types';
import { memoizeLast } from '../base/memoize';
import type { Theme } from '../base/theme';
import { evaluate, type Evaluation } from './evaluation';
import { layerTree, type LayerTree } from './layerTree';
import { measuredModel, type MeasuredModel } from './measured';
import { followsBudget, otherPlan, type ComparisonSources, type OtherPlan } from './comparedWith';
import { planHistory } from './planHistory';
import { boundStairs } from './provenBound';
import { recognitionsByOperator, type RecognitionsByOperator } from './recognised';
import { shownPlan, type ShownPlan } from './shownPlan';
import type { PendingEdit, State } from './store';
import type { UiState } from './uiState';

/** A pane of the view: draws itself from the derived state, and only what changed. */
export interface Pane {
  readonly element: HTMLElement;
  render(view: View): void;
  /** Draws what is read rather than watched: after `render`, and while the slider is dragged only when there is time. */
  renderDetails?(view: View): void;
}

/** What can be drawn once a step is there. */
export interface StepModel {
  readonly view: StepView;
  readonly tree: LayerTree;
  /** What operators were read as. */
  readonly recognitions: RecognitionsByOperator;
  readonly keepAll: Evaluation;
}

/** Everything panes draw from, derived from the state. */
export interface View {
  readonly host: ViewState;
  /** The host's inputs with the edits under way applied. */
  readonly inputs: PlanInputs;
  /** Every device by itself, where one of the inputs stands for several. */
  readonly devices: readonly PlanDevice[];
  /** The budget shown: the slider's while it is dragged. */
  readonly budgetBytes: number;
  readonly step?: StepModel;
  /** The host's, with its plan among the plans of the curves. */
  readonly frontier?: Frontier;
  readonly shown?: ShownPlan;
  /** What is proven about every budget. */
  readonly stairs: readonly BudgetBound[];
  /** What was measured, where it is loaded and wanted. */
  readonly measured?: MeasuredModel;
  /** The plan before the last edit. */
  readonly before?: PlanOfStep;
  /** The plan that the one on screen is held against. */
  readonly other?: OtherPlan;
  readonly ui: UiState;
  readonly theme: Theme;
  readonly editing: boolean;
}

const unproven: readonly BudgetBound[] = [];

/** Derives the view from the state, reusing what has not changed. */
export function viewDeriver(): (state: State) => View | undefined {
  const inputsOf = memoizeLast((inputs: PlanInputs, pending: readonly PendingEdit[]) =>
    pending.reduce((current, { edit }) => applyEdit(current, edit), inputs),
  );
  const stepOf = memoizeLast(
    (view: StepView | undefined): StepModel | undefined =>
      view && {
        view,
        tree: layerTree(view),
        recognitions: recognitionsByOperator(view),
        keepAll: evaluate(view.step, keepEverything),
      },
  );
  const shownOf = memoizeLast(
    (
      step: StepView | undefined,
      frontier: ViewState['frontier'],
      plan: ViewState['plan'],
      budgetBytes: number,
      strategy: PlanInputs['strategy'],
      dragging: boolean,
      stairs: readonly BudgetBound[],
    ) => step && shownPlan(step, frontier, plan, { budgetBytes, strategy, dragging }, stairs),
  );
  const devicesOf = memoizeLast((devices: readonly PlanDevice[]) => eachDevice(devices));
  const measuredOf = memoizeLast(measuredModel);
  const stairsOf = memoizeLast(boundStairs);
  const frontierOf = memoizeLast((frontier: ViewState['frontier'], plan: ViewState['plan']) =>
    frontier && plan ? withPlan(frontier, plan.plan, plan.directives) : frontier,
  );
  const historyOf = planHistory();
  const otherOf = memoizeLast(
    (
      id: string | undefined,
      budgetBytes: number,
      step: StepModel | undefined,
      before: PlanOfStep | undefined,
      stored: ViewState['compared'],
      frontier: ViewState['frontier'],
    ) => step && otherPlan(id, budgetBytes, { step, before, stored, frontier }),
  );
  return ({ host, ui, pending, theme }) => {
    if (!host) return undefined;
    const inputs = inputsOf(host.inputs, pending);
    const dragging = ui.dragBudgetBytes !== undefined;
    const budgetBytes = ui.dragBudgetBytes ?? budgetOf(inputs, host.plan);
    const step = stepOf(host.step);
    const { strategy } = inputs;
    // The frontier and the search know plans that only recompute; what may leave the device can beat their bounds.
    const stairs = inputs.offload ? unproven : stairsOf(host.frontier, host.proof);
    const frontier = frontierOf(host.frontier, host.plan);
    const shown = shownOf(host.step, frontier, host.plan, budgetBytes, strategy, dragging, stairs);
    const measured = ui.hidesMeasured ? undefined : measuredOf(host.step, host.measured);
    const editing = pending.length > 0;
    const devices = devicesOf(inputs.devices);
    const before = historyOf(host);
    const { compareWith } = ui;
    const atBudget = followsBudget(compareWith) ? budgetBytes : 0;
    const other = otherOf(compareWith, atBudget, step, before, host.compared, frontier);
    return {
      before,
      other,
      host,
      inputs,
      devices,
      budgetBytes,
      step,
      frontier,
      shown,
      stairs,
      measured,
      ui,
      theme,
      editing,
    };
  };
}

/** What the plan on screen can be held against, once there is a step. */
export const comparisonSources = ({ step, before, host, frontier }: View): ComparisonSources | undefined =>
  step && { step, before, stored: host.compared, frontier };

/** The budget in force: the one asked for, or the one that was found to fit the device. */
function budgetOf(inputs: PlanInputs, plan: ViewState['plan']): number {
  return inputs.budgetBytes ?? plan?.plan.budgetBytes ?? inputs.devices[0].memoryBytes;
}

/** Does the plan on screen run as a pipeline of several stages? */
export const hasPipeline = ({ shown }: Pick<View, 'shown'>): boolean =>
  (shown?.placement?.pipeline?.stages.length ?? 1) > 1;

/** Are its stages over time shown, in the place of one step? */
export const showsPipeline = (view: Pick<View, 'step' | 'shown' | 'ui'>): boolean =>
  hasLanes(view) && hasPipeline(view) && !view.ui.hidesPipeline;

/** Is the step on screen one of several devices, each with a lane of its own? */
export const hasLanes = ({ step }: Pick<View, 'step'>): boolean => (step?.view.step.devices.length ?? 1) > 1;
