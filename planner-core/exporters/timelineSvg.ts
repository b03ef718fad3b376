import { area, curveStepAfter, line, scaleLinear } from 'd3';
import { formatDuration, formatMemory } from '../base/format';
import { memoryTickLabel, memoryTicks } from '../base/memoryTicks';
import { bandNames, bands, type Band, type Timeline } from '../simulator/timeline';

/** Title, budget and the assumptions to print below the picture. */
export interface TimelineCaption {
  readonly title: string;
  readonly subtitle: string;
  readonly budgetBytes: number;
  readonly assumptions: readonly string[];
}

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

const width = 1200;
const height = 560;
const margin = { top: 70, right: 30, bottom: 120, left: 80 };

/** The memory timeline as a self-contained SVG picture for a light background. */
export function timelineSvg(timeline: Timeline, caption: TimelineCaption): string {
  const endMs = timeline.endMs.at(-1) ?? 0;
  const peakBytes = timeline.liveBytes.reduce((max, bytes) => Math.max(max, bytes), 0);
  const x = scaleLinear([0, endMs || 1], [margin.left, width - margin.right]);
  const top = Math.max(peakBytes, caption.budgetBytes < 2 * peakBytes ? caption.budgetBytes : 0) || 1;
  const y = scaleLinear([0, top * 1.05], [height - margin.bottom, margin.top]);
  const parts = [
    `<text x="${margin.left}" y="28" font-size="18" font-weight="600">${escaped(caption.title)}</text>`,
    `<text x="${margin.left}" y="50" fill="#555">${escaped(caption.subtitle)}</text>`,
    ...axes(x, y),
    ...stackedBands(timeline, x, y),
    ...budgetLine(caption.budgetBytes, top, y),
    ...legend(),
    ...assumptionLines(caption.assumptions),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">\n` +
    `<rect width="${width}" height="${height}" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`
  );
}

type Scale = ReturnType<typeof scaleLinear<number, number>>;

function stackedBands(timeline: Timeline, x: Scale, y: Scale): string[] {
  const base = new Float64Array(timeline.length);
  const paths: string[] = [];
  for (const band of bands) {
    const lower = Float64Array.from(base);
    timeline.bandBytes[band].forEach((bytes, i) => (base[i] += bytes));
    // The last sample is repeated at its end so that the step drawn for it has a width.
    const samples = [...Array(timeline.length + 1).keys()];
    const at = (i: number): number => Math.min(i, timeline.length - 1);
    const shape = area<number>()
      .x((i) => x(i < timeline.length ? timeline.startMs[i] : timeline.endMs[at(i)]))
      .y0((i) => y(lower[at(i)]))
      .y1((i) => y(base[at(i)]))
      .curve(curveStepAfter)
      .digits(1);
    if (timeline.length > 0) paths.push(`<path fill="${bandColours[band]}" d="${shape(samples) ?? ''}"/>`);
  }
  return paths;
}

function axes(x: Scale, y: Scale): string[] {
  const bottom = height - margin.bottom;
  return [
    ...memoryTicks(0, y.domain()[1], 6).map((bytes) => {
      const at = y(bytes).toFixed(1);
      return (
        `<line x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}" stroke="#e5e5e5"/>` +
        `<text x="${margin.left - 8}" y="${at}" dy="4" text-anchor="end" fill="#555">${memoryTickLabel(bytes)}</text>`
      );
    }),
    ...x
      .ticks(8)
      .map(
        (ms) =>
          `<text x="${x(ms).toFixed(1)}" y="${bottom + 18}" text-anchor="middle" fill="#555">${formatDuration(ms)}</text>`,
      ),
  ];
}

function budgetLine(budgetBytes: number, top: number, y: Scale): string[] {
  if (budgetBytes > top) return [];
  const at = y(budgetBytes);
  const path = line()([
    [margin.left, at],
    [width - margin.right, at],
  ]);
  return [
    `<path d="${path}" stroke="#d55e00" stroke-dasharray="6 4" fill="none"/>`,
    `<text x="${width - margin.right}" y="${(at - 6).toFixed(1)}" text-anchor="end" fill="#d55e00">budget ${formatMemory(budgetBytes)}</text>`,
  ];
}

/** Text has no width before it is drawn: an average character of the caption's font, in pixels. */
const characterWidth = 6.6;

function legend(): string[] {
  const at = height - margin.bottom + 46;
  let next = margin.left;
  return bands.map((band) => {
    const left = next;
    next += 18 + bandNames[band].length * characterWidth + 22;
    return (
      `<rect x="${left}" y="${at - 10}" width="12" height="12" fill="${bandColours[band]}"/>` +
      `<text x="${left + 18}" y="${at}">${bandNames[band]}</text>`
    );
  });
}

/** The assumptions below the picture, broken into lines that fit its width. */
function assumptionLines(assumptions: readonly string[]): string[] {
  const maxCharacters = (width - margin.left - margin.right) / characterWidth;
  const lines: string[] = [];
  for (const assumption of assumptions) {
    const longer = lines.length > 0 ? `${lines[lines.length - 1]} · ${assumption}` : assumption;
    if (lines.length > 0 && longer.length <= maxCharacters) lines[lines.length - 1] = longer;
    else lines.push(assumption);
  }
  return lines.map((line, i) => {
    const at = height - margin.bottom + 74 + 16 * i;
    return `<text x="${margin.left}" y="${at}" fill="#555" font-size="11">${escaped(line)}</text>`;
  });
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
