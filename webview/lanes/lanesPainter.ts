import type { StepGraph } from '../../planner-core/step/stepGraph';
import { labelWidth } from '../base/labelPlacement';
import { displayLabel, type LayerTree } from '../state/layerTree';
import { paintBands, pixelRuns } from '../timeline/painter';
import type { Palette } from '../timeline/palette';
import { calm, controls, type Arc } from './arcs';
import { kindOf, labelledSpans } from './laneSpans';
import type { LaneBox, LanesLayout, Scale } from './lanesLayout';
import type { DeviceLane, LanesModel } from './lanesModel';
import type { ModuleUnits } from './moduleUnits';

export interface LanesPainting {
  readonly step: StepGraph;
  readonly tree: LayerTree;
  readonly model: LanesModel;
  readonly units: ModuleUnits;
  readonly layout: LanesLayout;
  readonly x: Scale;
  readonly memory: readonly Scale[];
  readonly arcs: readonly Arc[];
  readonly palette: Palette;
  /** Fills of the modules' strip, one after the other. */
  readonly tints: readonly string[];
  readonly highContrast: boolean;
}

/** Paints every device's memory, what it computes by phase and by module, and the transfers between them. */
export function paintLanes(context: CanvasRenderingContext2D, ratio: number, painting: LanesPainting): void {
  const { layout, model } = painting;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, layout.width, layout.height);
  context.save();
  context.beginPath();
  context.rect(layout.left, 0, layout.right - layout.left, layout.bottom);
  context.clip();
  for (const lane of model.lanes) {
    paintMemory(context, ratio, lane, painting);
    paintPhases(context, lane, layout.lanes[lane.device], painting);
    paintModules(context, lane, layout.lanes[lane.device], painting);
  }
  for (const arc of painting.arcs) paintArc(context, arc, painting);
  context.restore();
}

function paintMemory(
  context: CanvasRenderingContext2D,
  ratio: number,
  { device, timeline, axis }: DeviceLane,
  { x, memory, layout, palette, highContrast }: LanesPainting,
): void {
  const row = pixelRuns(timeline, axis, x.domain(), layout, ratio);
  paintBands(context, row, { timeline, scale: { y: memory[device] }, palette, highContrast });
}

function paintPhases(
  context: CanvasRenderingContext2D,
  lane: DeviceLane,
  { phaseTop, phaseBottom }: LaneBox,
  { step, model, x, palette, highContrast }: LanesPainting,
): void {
  const height = phaseBottom - phaseTop - 1;
  for (const { from, to, label } of labelledSpans(lane, model, pixel(x) / 2, kindOf(step))) {
    // A computation shorter than a pixel is still worth seeing.
    const width = Math.max(x(to) - x(from), 0.75);
    context.fillStyle = palette[label];
    context.fillRect(x(from), phaseTop, width, height);
    if (!highContrast) continue;
    context.strokeStyle = palette.outline;
    context.lineWidth = 0.5;
    context.strokeRect(x(from), phaseTop, width, height);
  }
}

function paintModules(
  context: CanvasRenderingContext2D,
  lane: DeviceLane,
  { phaseBottom, moduleBottom }: LaneBox,
  { model, units, tree, x, palette, tints, highContrast }: LanesPainting,
): void {
  const height = moduleBottom - phaseBottom;
  context.font = '10px sans-serif';
  context.textBaseline = 'middle';
  for (const { from, to, label } of labelledSpans(lane, model, 2 * pixel(x), (node) => units.ofNode[node])) {
    if (label < 0) continue;
    const left = x(from);
    const width = Math.max(x(to) - left, 0.75);
    context.fillStyle = tints[label % tints.length];
    context.fillRect(left, phaseBottom, width, height);
    if (highContrast) {
      context.strokeStyle = palette.outline;
      context.lineWidth = 0.5;
      context.strokeRect(left, phaseBottom, width, height);
    }
    const name = displayLabel(tree.layers[units.rows[label]]);
    if (labelWidth(name) > width - 4) continue;
    context.fillStyle = palette.outline;
    context.fillText(name, Math.max(left, x.range()[0]) + 3, phaseBottom + height / 2 + 0.5);
  }
}

function paintArc(
  context: CanvasRenderingContext2D,
  arc: Arc,
  { arcs, palette, highContrast }: LanesPainting,
): void {
  const [c1, c2] = controls(arc);
  context.beginPath();
  context.moveTo(arc.x1, arc.y1);
  context.bezierCurveTo(arc.x1, c1, arc.x2, c2, arc.x2, arc.y2);
  context.strokeStyle = palette.transfer;
  context.globalAlpha = highContrast ? 1 : 0.75 * calm(arcs.length);
  context.lineWidth = arc.thickness;
  context.stroke();
  context.globalAlpha = 1;
}

/** What a pixel is in time. */
const pixel = (x: Scale): number => Math.abs(x.invert(1) - x.invert(0));
