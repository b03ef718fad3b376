import { labelWidth } from '../base/labelPlacement';
import type { Palette } from '../timeline/palette';
import type { PipelineBox, PipelineLayout, Scale } from './pipelineLayout';
import type { PipelineLane, PipelineModel } from './pipelineModel';

export interface PipelinePainting {
  readonly model: PipelineModel;
  readonly layout: PipelineLayout;
  readonly x: Scale;
  /** By lane. */
  readonly memory: readonly Scale[];
  readonly palette: Palette;
  /** What numbers stand on in high contrast, where boxes have outlines too; undefined in other themes. */
  readonly plate: string | undefined;
}

/** Paints what each device holds for what is in flight, and its passes: those of a micro-batch have its number. */
export function paintPipeline(
  context: CanvasRenderingContext2D,
  ratio: number,
  painting: PipelinePainting,
): void {
  const { layout, model } = painting;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, layout.width, layout.height);
  context.save();
  context.beginPath();
  context.rect(layout.left, 0, layout.right - layout.left, layout.bottom);
  context.clip();
  model.lanes.forEach((lane, i) => {
    paintMemory(context, lane, painting.memory[i], painting);
    paintUpdate(context, lane, layout.lanes[i], painting);
  });
  paintPasses(context, painting);
  context.restore();
}

function paintMemory(
  context: CanvasRenderingContext2D,
  { use: { memory } }: PipelineLane,
  y: Scale,
  { x, palette, model }: PipelinePainting,
): void {
  const base = y(memory.baseBytes);
  memory.atMs.forEach((atMs, i) => {
    // Whole pixels: neighbours would show a seam.
    const left = Math.round(x(atMs));
    const width = Math.round(x(memory.atMs[i + 1] ?? model.axis.total)) - left;
    context.fillStyle = palette.inputs;
    context.fillRect(left, base, width, y(0) - base);
    const top = y(memory.bytes[i]);
    context.fillStyle = palette.kept;
    context.fillRect(left, top, width, base - top);
  });
}

/** The optimizer, after a device's last pass. */
function paintUpdate(
  context: CanvasRenderingContext2D,
  { lastEndMs, use: { updateMs } }: PipelineLane,
  { passTop, passBottom }: PipelineBox,
  { x, palette, plate }: PipelinePainting,
): void {
  if (updateMs <= 0) return;
  const left = x(lastEndMs);
  const width = Math.max(0.75, x(lastEndMs + updateMs) - left);
  context.fillStyle = palette.optimizer;
  context.fillRect(left, passTop, width, passBottom - passTop);
  if (plate) outline(context, palette, left, passTop, width, passBottom - passTop);
}

function paintPasses(
  context: CanvasRenderingContext2D,
  { model, layout, x, palette, plate }: PipelinePainting,
): void {
  const [low, high] = x.domain();
  context.font = '10px sans-serif';
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  for (const { lane, microBatch, isBackward, startMs, endMs } of model.passes) {
    if (endMs < low || startMs > high) continue;
    const { passTop, passBottom } = layout.lanes[lane];
    const [left, right] = [x(startMs), x(endMs)];
    // A hairline between neighbours, as long as there is room for one.
    const width = Math.max(0.75, right - left - (right - left > 3 ? 1 : 0));
    context.fillStyle = isBackward ? palette.backward : palette.forward;
    context.fillRect(left, passTop, width, passBottom - passTop);
    if (plate) outline(context, palette, left, passTop, width, passBottom - passTop);
    const number = String(microBatch + 1);
    const label = [`${isBackward ? 'B' : 'F'}${number}`, number].find((text) => labelWidth(text) < width - 2);
    if (!label) continue;
    if (plate) {
      context.fillStyle = plate;
      const plateWidth = labelWidth(label) + 2;
      context.fillRect(left + (width - plateWidth) / 2, passTop + 3, plateWidth, passBottom - passTop - 6);
    }
    context.fillStyle = palette.outline;
    context.fillText(label, left + width / 2, (passTop + passBottom) / 2 + 0.5);
  }
}

function outline(
  context: CanvasRenderingContext2D,
  palette: Palette,
  left: number,
  top: number,
  width: number,
  height: number,
): void {
  context.strokeStyle = palette.outline;
  context.lineWidth = 0.5;
  context.strokeRect(left, top, width, height);
}
