import { area, curveStepAfter, scaleLinear, type ScaleLinear } from 'd3';
import { formatDuration, formatMemory } from '../../base/format';
import { shortLinkText } from '../../plan/linkText';
import { placeName, type OffloadFacts } from '../offloadFacts';
import { memoryAxis } from './memoryChart';
import { escapedXml, pageMargin } from './svgPage';

const chartHeight = 80;
const rowHeight = 14;
const barHeight = 8;
/** Room for the lowest label of the axis. */
const rowsBelow = 12;
/** A transfer too short to be seen is drawn this wide, in pixels. */
const leastWidth = 0.5;

/** Okabe–Ito; each row has its name besides. */
const colours = { memory: '#56b4e9', out: '#0072b2', in: '#e69f00', waits: '#d55e00' };

/** What a picture has below a chart of the device: parts, and where they end. */
interface LowerLane {
  readonly parts: readonly string[];
  readonly bottom: number;
}

/** Memory where offloaded values are, and below it the transfers each way and what waits for them, on the chart's time. */
export function offloadLane(offload: OffloadFacts, top: number, x: ScaleLinear<number, number>): LowerLane {
  const { link, memory, transfers, stalls, outBytes, inBytes, stallMs, peakBytes } = offload;
  const title =
    `${placeName(offload)} over ${shortLinkText(link)}: at most ${formatMemory(peakBytes)}, ` +
    `${formatMemory(outBytes)} out, ${formatMemory(inBytes)} back, ` +
    (stallMs > 0 ? `${formatDuration(stallMs)} of waiting` : 'no waiting');
  const chart = { top: top + 8, bottom: top + 8 + chartHeight };
  const y = scaleLinear([0, peakBytes * 1.05], [chart.bottom, chart.top]);
  const [, endMs] = x.domain();
  const corners: [number, number][] = [...memory.ms].map((ms, i) => [ms, memory.bytes[i]]);
  const shape = area<[number, number]>()
    .x(([ms]) => x(Math.min(ms, endMs)))
    .y0(y(0))
    .y1(([, bytes]) => y(bytes))
    .curve(curveStepAfter)
    .digits(1);
  const last = corners.at(-1);
  const filled = shape(last ? [...corners, [endMs, last[1]]] : []) ?? '';
  const rows = [
    { name: 'out', colour: colours.out, spans: transfers.filter(({ direction }) => direction === 'out') },
    { name: 'back', colour: colours.in, spans: transfers.filter(({ direction }) => direction === 'in') },
    { name: 'waits', colour: colours.waits, spans: stalls },
  ].filter(({ spans }) => spans.length > 0);
  const parts = [
    `<text x="${pageMargin.left}" y="${top}" font-weight="600">${escapedXml(title)}</text>`,
    ...memoryAxis(y, 2),
    `<path fill="${colours.memory}" d="${filled}"/>`,
    ...rows.flatMap(({ name, colour, spans }, row) => {
      const at = chart.bottom + rowsBelow + row * rowHeight;
      return [
        `<text x="${pageMargin.left - 8}" y="${at + barHeight}" text-anchor="end" fill="#555">${name}</text>`,
        ...spans.map(({ startMs, endMs }) => {
          const left = x(startMs);
          const width = Math.max(leastWidth, x(endMs) - left);
          return `<rect x="${left.toFixed(1)}" y="${at}" width="${width.toFixed(1)}" height="${barHeight}" fill="${colour}"/>`;
        }),
      ];
    }),
  ];
  return { parts, bottom: chart.bottom + rowsBelow + rows.length * rowHeight };
}
