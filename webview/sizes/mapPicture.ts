import type { SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { svgEl } from '../base/dom';
import { heatPercent, margin, type SizesScales } from './sizesScales';

/** Side of the mark of the commonest size, and the least one. */
const largestPx = 34;
const leastPx = 7;

/** Sizes of two dimensions: a square each, its area by how common it is, its colour and number those of its plan. */
export function mapPicture(answer: SizesAnswer, scales: SizesScales): SVGElement[] {
  const { x, y, right, bottom } = scales;
  const { points, rows, dimensions } = answer;
  const most = Math.max(...points.map(({ share }) => share));
  // Common sizes first: the marks of rarer ones lie on top.
  const marks = [...points]
    .sort((a, b) => b.share - a.share)
    .flatMap(({ size, share, planned }) => {
      const side = Math.max(leastPx, largestPx * Math.sqrt(most > 0 ? share / most : 0));
      const [cx, cy] = [x(size[0]), y(size[1])];
      const square = svgEl('rect', {
        class: planned ? 'size-mark' : 'size-mark size-mark-none',
        x: cx - side / 2,
        y: cy - side / 2,
        width: side,
        height: side,
      });
      if (planned) square.style.setProperty('--heat', `${heatPercent(rows, planned.row)}%`);
      const text = planned ? String(planned.row + 1) : '×';
      return side < 13
        ? [square]
        : [
            square,
            svgEl(
              'text',
              { class: 'size-mark-label', x: cx, y: cy, 'text-anchor': 'middle', dy: '0.35em' },
              text,
            ),
          ];
    });
  return [
    ...y
      .ticks(Math.max(2, (bottom - margin.top) / 42))
      .filter(Number.isInteger)
      .flatMap((size) => [
        svgEl('line', { class: 'grid-line', x1: margin.left, x2: right, y1: y(size), y2: y(size) }),
        svgEl(
          'text',
          { class: 'tick', x: margin.left - 8, y: y(size), dy: '0.32em', 'text-anchor': 'end' },
          String(size),
        ),
      ]),
    ...x
      .ticks(Math.max(2, (right - margin.left) / 80))
      .filter(Number.isInteger)
      .map((size) =>
        svgEl('text', { class: 'tick', x: x(size), y: bottom + 16, 'text-anchor': 'middle' }, String(size)),
      ),
    svgEl('line', { class: 'axis-line', x1: margin.left, x2: right, y1: bottom, y2: bottom }),
    svgEl('text', { class: 'tick', x: right, y: bottom + 32, 'text-anchor': 'end' }, dimensions[0]),
    svgEl(
      'text',
      { class: 'tick', x: margin.left - 8, y: margin.top - 10, 'text-anchor': 'end' },
      dimensions[1],
    ),
    ...marks,
  ];
}
