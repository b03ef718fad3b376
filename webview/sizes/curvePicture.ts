import { line } from 'd3';
import { formatMemory } from '../../planner-core/base/format';
import { memoryTickLabel, memoryTicks } from '../../planner-core/base/memoryTicks';
import type { SizePoint, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { svgEl } from '../base/dom';
import { labelWidth } from '../base/labelPlacement';
import { t } from '../base/l10n';
import { barsOf, heatPercent, histogramHeight, margin, type SizesScales } from './sizesScales';
import { planName, shareText } from './sizesWords';

/** Corners of a piece of the exact curve. */
const cornersOfPiece = 24;

/** Peak against size: a band for each plan, both curves, the budget, and how common sizes are, on one axis. */
export function curvePicture(answer: SizesAnswer, scales: SizesScales): SVGElement[] {
  return [
    ...bands(answer, scales),
    ...ticks(answer, scales),
    ...curves(answer, scales),
    ...budget(answer, scales),
    ...histogram(answer, scales),
  ];
}

/** Where each plan is used, and where none is. */
function bands({ rows, points }: SizesAnswer, { x, right, bottom }: SizesScales): SVGElement[] {
  const within = (at: number): number => Math.min(Math.max(at, margin.left), right);
  const band = (from: number, to: number, className: string): SVGElement =>
    svgEl('rect', {
      class: className,
      x: within(from),
      y: margin.top,
      width: Math.max(1, within(to) - within(from)),
      height: bottom - margin.top,
    });
  const planned = rows.flatMap(({ range }, row) => {
    if (!range) return [];
    // Between two sizes the colours meet in the middle: a size belongs to one plan.
    const [left, end] = [x(range[0] - 0.5), x(range[1] + 0.5)];
    const rect = band(left, end, 'size-band');
    rect.style.setProperty('--heat', `${heatPercent(rows, row)}%`);
    const width = within(end) - within(left);
    const name = width > labelWidth('plan 10') ? planName(row) : String(row + 1);
    const label = svgEl(
      'text',
      { class: 'size-band-label', x: within(left) + width / 2, y: margin.top - 8, 'text-anchor': 'middle' },
      name,
    );
    return [rect, ...(width > labelWidth(name) ? [label] : [])];
  });
  return [...planned, ...unplannedSpans(points).map(([from, to]) => band(x(from), x(to), 'size-band-none'))];
}

/** Sizes next to each other that have no plan. */
function unplannedSpans(points: readonly SizePoint[]): [number, number][] {
  const spans: [number, number][] = [];
  points.forEach(({ size: [at], planned }, i) => {
    if (planned) return;
    const last = spans.at(-1);
    if (last && i > 0 && !points[i - 1].planned) last[1] = at + 0.5;
    else spans.push([at - 0.5, at + 0.5]);
  });
  return spans;
}

function ticks({ dimensions }: SizesAnswer, { x, y, right, bottom }: SizesScales): SVGElement[] {
  const memory = memoryTicks(0, y.domain()[1], Math.max(2, (bottom - margin.top) / 42)).flatMap((bytes) => [
    svgEl('line', { class: 'grid-line', x1: margin.left, x2: right, y1: y(bytes), y2: y(bytes) }),
    svgEl(
      'text',
      { class: 'tick', x: margin.left - 8, y: y(bytes), dy: '0.32em', 'text-anchor': 'end' },
      memoryTickLabel(bytes),
    ),
  ]);
  const sizes = x.ticks(Math.max(2, (right - margin.left) / 80)).filter(Number.isInteger);
  return [
    ...memory,
    svgEl('line', { class: 'axis-line', x1: margin.left, x2: right, y1: bottom, y2: bottom }),
    ...sizes.map((size) =>
      svgEl('text', { class: 'tick', x: x(size), y: bottom + 16, 'text-anchor': 'middle' }, String(size)),
    ),
    svgEl('text', { class: 'tick', x: margin.left - 8, y: bottom + 16, 'text-anchor': 'end' }, dimensions[0]),
  ];
}

function curves({ points, pieces }: SizesAnswer, { x, y }: SizesScales): SVGElement[] {
  const path = line<readonly [number, number]>(
    ([size]) => x(size),
    ([, bytes]) => y(bytes),
  );
  const kept: readonly (readonly [number, number])[] =
    pieces.length > 0
      ? pieces.flatMap(({ from, to, coefficients }) =>
          Array.from({ length: cornersOfPiece + 1 }, (_, i): [number, number] => {
            const size = from + ((to - from) * i) / cornersOfPiece;
            return [size, coefficients.reduceRight((sum, coefficient) => sum * size + coefficient, 0)];
          }),
        )
      : points.map(({ size, keepAllPeakBytes }): [number, number] => [size[0], keepAllPeakBytes]);
  return [
    svgEl('path', { class: 'size-kept', d: path(kept) ?? '' }),
    ...planStretches(points).map((stretch) =>
      stretch.length > 1
        ? svgEl('path', { class: 'size-planned', d: path(stretch) ?? '' })
        : svgEl('circle', { class: 'size-planned-dot', cx: x(stretch[0][0]), cy: y(stretch[0][1]), r: 2.5 }),
    ),
  ];
}

/** The peak under plans: from one plan to the next it jumps. */
function planStretches(points: readonly SizePoint[]): [number, number][][] {
  const stretches: [number, number][][] = [];
  let row: number | undefined;
  for (const { size, planned } of points) {
    if (planned && planned.row === row) stretches.at(-1)?.push([size[0], planned.peakBytes]);
    else if (planned) stretches.push([[size[0], planned.peakBytes]]);
    row = planned?.row;
  }
  return stretches;
}

function budget({ budgetBytes }: SizesAnswer, { y, right }: SizesScales): SVGElement[] {
  const text = t('budget {0}', formatMemory(budgetBytes));
  if (budgetBytes > y.domain()[1])
    return [
      svgEl(
        'text',
        { class: 'size-budget-label', x: margin.left + 6, y: margin.top + 14 },
        t('{0} is above all of it', text),
      ),
    ];
  const at = y(budgetBytes);
  return [
    svgEl('line', { class: 'size-budget', x1: margin.left, x2: right, y1: at, y2: at }),
    svgEl('text', { class: 'size-budget-label', x: margin.left + 6, y: at - 5 }, text),
  ];
}

function histogram({ points }: SizesAnswer, scales: SizesScales): SVGElement[] {
  const bars = barsOf(points, scales);
  const most = Math.max(0, ...bars.map(({ share }) => share));
  const base = scales.height - 6;
  const label = (text: string, at: number): SVGElement =>
    svgEl('text', { class: 'tick', x: margin.left - 8, y: at, 'text-anchor': 'end' }, text);
  return [
    ...bars.map(({ left, width, share }) => {
      const height = Math.max(1, (share / most) * histogramHeight);
      return svgEl('rect', { class: 'size-bar', x: left, y: base - height, width, height });
    }),
    svgEl('line', { class: 'axis-line', x1: margin.left, x2: scales.right, y1: base, y2: base }),
    ...(most > 0 ? [label(shareText(most), base - histogramHeight + 8), label(t('batches'), base - 2)] : []),
  ];
}
