import { initialPlacement } from '../../planner-core/simulator/initialPlacement';
import type { Mark } from '../base/dom';
import { differenceBand } from '../timeline/differenceBand';
import { alongside } from '../timeline/comparison';
import { measuredLine } from '../timeline/measuredLine';
import { pixelRuns } from '../timeline/painter';
import type { OtherPlan } from '../state/comparedWith';
import type { Evaluation } from '../state/evaluation';
import type { MeasuredModel } from '../state/measured';
import type { LanesLayout, Scale } from './lanesLayout';
import { isUsed, type LanesModel } from './lanesModel';

/** Memory to hold a lane against, by sample of its timeline; NaN where nothing is known. */
export interface LaneLine {
  readonly compared?: Float64Array;
  readonly measured?: Float64Array;
}

/** By lane: what another plan has in the memory of its device, and what was measured there. */
export function laneLines(
  { lanes }: LanesModel,
  evaluation: Evaluation,
  other: OtherPlan | undefined,
  measured: MeasuredModel | undefined,
): LaneLine[] {
  const starts = measured && startBytes(evaluation);
  return lanes.map(({ device, timeline }) => ({
    compared:
      other && device < other.evaluation.step.devices.length
        ? alongside(timeline, other.evaluation.timeline(device))
        : undefined,
    measured: measured && starts && measuredOn(device, timeline, measured, starts[device]),
  }));
}

/** A measurement is of the device that a computation runs on: in other lanes nothing is known at that moment. */
function measuredOn(
  device: number,
  { node, again, runsOn }: LanesModel['lanes'][number]['timeline'],
  { run: { grownBytes } }: MeasuredModel,
  start: number,
): Float64Array {
  return Float64Array.from(node, (at, sample) =>
    again[sample] || runsOn[sample] !== device ? NaN : start + grownBytes[at],
  );
}

/** By device: bytes there before the step. */
function startBytes({ step, schedule }: Evaluation): Float64Array {
  const bytes = new Float64Array(step.devices.length);
  initialPlacement(step, schedule).forEach((device, value) => {
    if (device >= 0) bytes[device] += step.valueBytes[value];
  });
  return bytes;
}

/** The lines as they are drawn over the lanes. */
export function laneLineMarks(
  lines: readonly LaneLine[],
  { lanes }: LanesModel,
  x: Scale,
  memory: readonly Scale[],
  layout: LanesLayout,
): Mark[] {
  // A lane without work has no room for a line.
  return lanes.filter(isUsed).flatMap(({ device, timeline, axis }) => {
    const { compared, measured } = lines[device];
    const scale = { x, y: memory[device] };
    return [
      ...(compared
        ? differenceBand(
            pixelRuns(timeline, axis, x.domain(), layout, 1),
            timeline.liveBytes,
            compared,
            scale,
          )
        : []),
      ...(measured ? measuredLine(measured, axis, scale, layout) : []),
    ];
  });
}
