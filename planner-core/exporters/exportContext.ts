import { formatDuration, formatMemory, formatPercent } from '../base/format';
import type { ModelGraph } from '../graph/modelGraph';
import type { LayerIndex } from '../plan/layerIndex';
import type { Plan } from '../plan/plan';
import { compileSchedule } from '../simulator/compileSchedule';
import type { Directives } from '../simulator/schedule';
import { simulate } from '../simulator/simulate';
import type { StepGraph } from '../step/stepGraph';

/** A plan with the step it is for and what it means there. */
export interface ExportContext {
  readonly graph: ModelGraph;
  readonly step: StepGraph;
  readonly layers: LayerIndex;
  readonly plan: Plan;
  readonly directives: Directives;
}

/** What another way of recomputing costs, with the plan's offloads and placement left as they are. */
export interface Alternative {
  /** Highest live bytes on any device. */
  readonly peakBytes: number;
  readonly stepTimeMs: number;
  /** The device the budget is for keeps within it. */
  readonly fits: boolean;
}

/** Simulates the step with other recomputations; `kept` leaves the plan's offloads and placement out. */
export function alternative(
  { step, plan, directives }: ExportContext,
  recomputations: Int32Array,
  rest: 'as planned' | 'one device' = 'as planned',
): Alternative {
  const all =
    rest === 'as planned'
      ? { ...directives, recomputations }
      : { recomputations, offloads: new Int32Array(0) };
  const simulation = simulate(step, compileSchedule(step, { ...all, recomputationDevices: undefined }));
  return {
    peakBytes: simulation.peakBytes,
    stepTimeMs: simulation.stepTimeMs,
    fits: simulation.perDevicePeakBytes[0] <= plan.budgetBytes,
  };
}

/** Does exactly the same run again, at the same times? */
export function isAsPlanned({ directives }: ExportContext, recomputations: Int32Array): boolean {
  const planned = directives.recomputations;
  return planned.length === recomputations.length && planned.every((node, i) => node === recomputations[i]);
}

/** One line: what an alternative costs, and how far that is from the plan. */
export function comparedWithPlan({ peakBytes, stepTimeMs, fits }: Alternative, plan: Plan): string {
  const { prediction } = plan;
  return [
    `peak ${formatMemory(peakBytes)} (the plan: ${formatMemory(prediction.peakBytes)}, ${signed(peakBytes, prediction.peakBytes)})`,
    `step ${formatDuration(stepTimeMs)} (the plan: ${formatDuration(prediction.stepTimeMs)}, ${signed(stepTimeMs, prediction.stepTimeMs)})`,
    `${fits ? 'within' : 'over'} the budget of ${formatMemory(plan.budgetBytes)}`,
  ].join(', ');
}

function signed(value: number, reference: number): string {
  const percent = reference > 0 ? 100 * (value / reference - 1) : 0;
  return `${percent >= 0 ? '+' : '−'}${formatPercent(Math.abs(percent))}`;
}

/** First lines of every export: what it is of and what the plan promises. */
export function headLines({ plan }: ExportContext, what: string): string[] {
  const { model, workload, prediction } = plan;
  const dims = Object.entries(workload.dims).map(([name, size]) => `${name} ${size}`);
  return [
    `${what}, from a Headroom plan for ${model.file} (structure ${model.fingerprint}).`,
    `Workload: ${[workload.mode, workload.precision, workload.optimizer, ...dims.sort()].join(', ')}.`,
    `The plan: peak ${formatMemory(prediction.peakBytes)} under a budget of ${formatMemory(plan.budgetBytes)}, step ${formatDuration(prediction.stepTimeMs)}.`,
  ];
}
