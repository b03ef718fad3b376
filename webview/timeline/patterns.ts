import type { Band } from '../../planner-core/simulator/timeline';
import { el, svgEl } from '../base/dom';

const tile = 8;

/** Lines across a tile, [x1, y1, x2, y2]: in high contrast bands differ by hatching too, not by colour alone. */
export const strokesOfBand: Readonly<Record<Band, readonly (readonly [number, number, number, number])[]>> = {
  parameters: [[2, 4, 6, 4]],
  optimizerState: [[0, 4, 8, 4]],
  gradients: [[4, 0, 4, 8]],
  // White in some themes, as the lines are.
  inputs: [],
  kept: [[0, 8, 8, 0]],
  recomputed: [[0, 0, 8, 8]],
  temporary: [
    [0, 0, 8, 8],
    [0, 8, 8, 0],
  ],
};

/** The sign of a band in legends: a square of its colour, hatched as the band is, which only high contrast shows. */
export function bandSwatch(band: Band): HTMLElement {
  const d = strokesOfBand[band].map(([x1, y1, x2, y2]) => `M${x1} ${y1}L${x2} ${y2}`).join('');
  const hatching = svgEl('svg', { class: 'hatching', viewBox: `0 0 ${tile} ${tile}`, 'aria-hidden': 'true' });
  hatching.append(svgEl('path', { d }));
  return el('i', { class: `swatch band-swatch ink-${band}` }, ...(d === '' ? [] : [hatching]));
}

/** Fill of a band: its colour, hatched with `line` in high contrast. */
export function bandFill(
  context: CanvasRenderingContext2D,
  band: Band,
  colour: string,
  line: string | undefined,
): string | CanvasPattern {
  const strokes = strokesOfBand[band];
  if (!line || strokes.length === 0) return colour;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = tile;
  const painter = canvas.getContext('2d');
  if (!painter) return colour;
  painter.fillStyle = colour;
  painter.fillRect(0, 0, tile, tile);
  painter.strokeStyle = line;
  painter.lineWidth = 1;
  for (const [x1, y1, x2, y2] of strokes) {
    painter.beginPath();
    painter.moveTo(x1, y1);
    painter.lineTo(x2, y2);
    painter.stroke();
  }
  return context.createPattern(canvas, 'repeat') ?? colour;
}
