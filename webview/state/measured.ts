import type { MeasuredStep } from '../../planner-core/measurements/measuredStep';
import { measuredLayers, type MeasuredLayer } from '../../planner-core/session/measuredLayers';
import type { StepView } from '../../planner-core/session/types';

/** Measurements as panes show them. */
export interface MeasuredModel {
  readonly run: MeasuredStep;
  /** By row of the layer tree. */
  readonly layers: readonly MeasuredLayer[];
  /** Bytes that are there before the step: what the measured growth is counted from. */
  readonly startBytes: number;
}

/** Undefined while there are none, or only ones of another step. */
export function measuredModel(
  view: StepView | undefined,
  run: MeasuredStep | undefined,
): MeasuredModel | undefined {
  if (!view || !run || run.nodeMs.length !== view.step.nodeCount) return undefined;
  const { residentAtStart, valueBytes } = view.step;
  const startBytes = valueBytes.reduce((sum, bytes, value) => sum + (residentAtStart[value] ? bytes : 0), 0);
  return { run, layers: measuredLayers(view.step, view.layers, run), startBytes };
}
