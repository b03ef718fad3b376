import { formatMemory } from '../../planner-core/base/format';
import type { SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { el, setAttributes, svgEl } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { observeSize, type Size } from '../base/size';
import { t } from '../base/l10n';
import { curvePicture } from './curvePicture';
import { mapPicture } from './mapPicture';
import { curveScales, mapScales, margin, nearestPoint, type SizesScales } from './sizesScales';
import { overheadText, planName, pointText, shareOfPoint, sizeText } from './sizesWords';

/** Points that Page Up and Page Down skip. */
const pagePoints = 10;

export interface SizesChart {
  readonly element: HTMLElement;
  /** `chosen`: index of the point that is looked at. */
  render(answer: SizesAnswer, chosen: number): void;
}

/**
 * Peak against size with the plans' bands and the histogram, or a map where there are two dimensions. A slider to the
 * keyboard: arrows walk the sizes. More than two dimensions are not drawn, the tables have them.
 */
export function sizesChart(onChoose: (point: number) => void): SizesChart {
  const still = svgEl('g');
  const chosenLine = svgEl('line', { class: 'size-chosen' });
  const dot = svgEl('circle', { class: 'size-dot', r: 5 });
  const svg = svgEl('svg', { 'aria-hidden': 'true' }, still, chosenLine, dot);
  const tip = el('div', { class: 'tooltip', hidden: true, 'aria-hidden': 'true' });
  const element = el(
    'div',
    {
      class: 'chart sizes-chart',
      role: 'slider',
      tabindex: '0',
      'aria-label': t('Size'),
      'aria-valuemin': '0',
    },
    svg,
    tip,
  );
  let shown:
    { readonly answer: SizesAnswer; readonly chosen: number; readonly scales: SizesScales } | undefined;
  let pixels: Size = observeSize(element, (changed) => {
    pixels = changed;
    if (shown) render(shown.answer, shown.chosen);
  });

  const at = (event: PointerEvent): number => {
    const box = element.getBoundingClientRect();
    if (!shown) return 0;
    return nearestPoint(shown.answer, shown.scales, event.clientX - box.left, event.clientY - box.top);
  };
  element.addEventListener('pointerdown', (event) => onChoose(at(event)));
  element.addEventListener('pointermove', (event) => {
    const point = at(event);
    if (event.buttons === 1) onChoose(point);
    showTip(point);
  });
  element.addEventListener('pointerleave', () => (tip.hidden = true));
  element.addEventListener('keydown', (event) => {
    if (!shown || event.ctrlKey || event.metaKey || event.altKey) return;
    const { answer, chosen } = shown;
    const to = target(event.key, chosen, answer.points.length - 1);
    if (to === undefined) return;
    event.preventDefault();
    onChoose(to);
  });

  const showTip = (index: number): void => {
    if (!shown) return;
    const { answer, scales } = shown;
    const point = answer.points[index];
    const { planned } = point;
    tip.replaceChildren(
      el('strong', {}, sizeText(answer.dimensions, point.size)),
      el('span', {}, t('{0} with everything kept', formatMemory(point.keepAllPeakBytes))),
      el(
        'span',
        {},
        planned
          ? t('{0} with {1}', formatMemory(planned.peakBytes), planName(planned.row))
          : t('no plan was found that fits'),
      ),
      ...(planned ? [el('span', {}, overheadText(point))] : []),
      el('span', {}, shareOfPoint(point)),
    );
    const x = scales.x(point.size[0]);
    const toRight = x < (margin.left + scales.right) / 2;
    tip.style.left = toRight ? `${Math.round(x + 14)}px` : 'auto';
    tip.style.right = toRight ? 'auto' : `${Math.round(pixels.width - x + 14)}px`;
    tip.style.top = `${margin.top + 6}px`;
    tip.hidden = false;
  };

  const draw = memoizeLast((answer: SizesAnswer, of: Size): SizesScales => {
    setAttributes(svg, { width: of.width, height: of.height, viewBox: `0 0 ${of.width} ${of.height}` });
    const isCurve = answer.dimensions.length === 1;
    const scales = isCurve ? curveScales(answer, of) : mapScales(answer, of);
    still.replaceChildren(...(isCurve ? curvePicture(answer, scales) : mapPicture(answer, scales)));
    return scales;
  });
  const render = (answer: SizesAnswer, chosen: number): void => {
    element.hidden = answer.dimensions.length > 2;
    if (element.hidden) return;
    const scales = draw(answer, pixels);
    shown = { answer, chosen, scales };
    const point = answer.points[chosen];
    const x = scales.x(point.size[0]);
    const y =
      answer.dimensions.length === 1
        ? scales.y(point.planned?.peakBytes ?? point.keepAllPeakBytes)
        : scales.y(point.size[1]);
    setAttributes(chosenLine, {
      x1: x,
      x2: x,
      y1: margin.top,
      y2: scales.height - 6,
      visibility: answer.dimensions.length === 1 ? 'visible' : 'hidden',
    });
    setAttributes(dot, { cx: x, cy: y });
    setAttributes(element, {
      'aria-valuemax': answer.points.length - 1,
      'aria-valuenow': chosen,
      'aria-valuetext': `${sizeText(answer.dimensions, point.size)}: ${pointText(answer, point)} ${shareOfPoint(point)}`,
    });
  };
  return { element, render };
}

/** Where a key leads from a point; undefined for keys that lead nowhere. */
function target(key: string, from: number, last: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -pagePoints,
    PageUp: pagePoints,
    Home: -Infinity,
    End: Infinity,
  };
  return key in steps ? Math.min(Math.max(from + steps[key], 0), last) : undefined;
}
