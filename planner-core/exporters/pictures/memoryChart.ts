import { area, curveStepAfter, scaleLinear } from 'd3';
import { formatDuration, formatMemory } from '../../base/format';
import { memoryTickLabel, memoryTicks } from '../../base/memoryTicks';
import { bands, type Band, type Timeline } from '../../simulator/timeline';
import { pageMargin, pageWidth } from './svgPage';

/** Okabe–Ito colours (safe for colour-blind readers) on white. */
export const bandColours: Readonly<Record<Band, string>> = {
  parameters: '#56789a',
  optimizerState: '#8a6bb0',
  gradients: '#b08a3e',
  inputs: '#999999',
  kept: '#009e73',
  recomputed: '#e69f00',
  temporary: '#cc6677',
};

/** Where a chart of a page is, in pixels. */
export interface ChartPlace {
  readonly top: number;
  readonly bottom: number;
}

type Scale = ReturnType<typeof scaleLinear<number, number>>;

/** Stacked memory of one device over a step with axes and, where it is near what is used, the budget. */
export function memoryChart(
  timeline: Timeline,
  place: ChartPlace,
  budgetBytes: number | undefined,
): string[] {
  const peakBytes = timeline.liveBytes.reduce((max, bytes) => Math.max(max, bytes), 0);
  const shown = budgetBytes !== undefined && budgetBytes < 2 * peakBytes ? budgetBytes : undefined;
  const x = timeScale(timeline);
  const y = scaleLinear([0, (Math.max(peakBytes, shown ?? 0) || 1) * 1.05], [place.bottom, place.top]);
  return [
    ...memoryAxis(y),
    ...timeAxis(x, place.bottom),
    ...stackedBands(timeline, x, y),
    ...(shown === undefined ? [] : budgetLine(shown, y)),
  ];
}

/** Time of a step over the width of the page. */
export function timeScale({ endMs }: Pick<Timeline, 'endMs'>): Scale {
  const end = endMs.reduce((max, ms) => Math.max(max, ms), 0);
  return scaleLinear([0, end || 1], [pageMargin.left, pageWidth - pageMargin.right]);
}

function stackedBands(timeline: Timeline, x: Scale, y: Scale): string[] {
  if (timeline.length === 0) return [];
  const base = new Float64Array(timeline.length);
  const last = timeline.length - 1;
  // The last sample is repeated at its end so that the step drawn for it has a width.
  const samples = [...Array(timeline.length + 1).keys()];
  return bands.map((band) => {
    const lower = Float64Array.from(base);
    timeline.bandBytes[band].forEach((bytes, i) => (base[i] += bytes));
    const shape = area<number>()
      .x((i) => x(i <= last ? timeline.startMs[i] : timeline.endMs[last]))
      .y0((i) => y(lower[Math.min(i, last)]))
      .y1((i) => y(base[Math.min(i, last)]))
      .curve(curveStepAfter)
      .digits(1);
    return `<path fill="${bandColours[band]}" d="${shape(samples) ?? ''}"/>`;
  });
}

/** Some `count` grid lines and labels of an axis of memory that goes up. */
export function memoryAxis(y: Scale, count = 6): string[] {
  return memoryTicks(0, y.domain()[1], count).map((bytes) => {
    const at = y(bytes).toFixed(1);
    return (
      `<line x1="${pageMargin.left}" x2="${pageWidth - pageMargin.right}" y1="${at}" y2="${at}" stroke="#e5e5e5"/>` +
      `<text x="${pageMargin.left - 8}" y="${at}" dy="4" text-anchor="end" fill="#555">${memoryTickLabel(bytes)}</text>`
    );
  });
}

function timeAxis(x: Scale, bottom: number): string[] {
  return x
    .ticks(8)
    .map(
      (ms) =>
        `<text x="${x(ms).toFixed(1)}" y="${bottom + 18}" text-anchor="middle" fill="#555">${formatDuration(ms)}</text>`,
    );
}

function budgetLine(budgetBytes: number, y: Scale): string[] {
  const [left, right] = [pageMargin.left, pageWidth - pageMargin.right];
  const at = y(budgetBytes);
  return [
    `<line x1="${left}" x2="${right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}" stroke="#d55e00" stroke-dasharray="6 4"/>`,
    `<text x="${right}" y="${(at - 6).toFixed(1)}" text-anchor="end" fill="#d55e00">budget ${formatMemory(budgetBytes)}</text>`,
  ];
}
