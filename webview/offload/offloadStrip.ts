import { area, curveStepAfter, type ScaleLinear } from 'd3';
import { formatBandwidth, formatDuration, formatMemory } from '../../planner-core/base/format';
import type { OffloadView, StallView, TransferView } from '../../planner-core/session/offload/offloadView';
import { el, setAttributes, setText, svgEl } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { linkTitle } from './links';

/** Upper edges and heights of the lanes, in pixels. */
const lanes = { out: [2, 11], back: [17, 11], waits: [32, 7], memory: [45, 28] } as const;
const stripHeight = 76;

export interface OffloadStrip {
  readonly element: HTMLElement;
  /** On the time scale of the timeline above; undefined: nothing may leave the device. */
  render(offload: OffloadView | undefined, x: ScaleLinear<number, number>, width: number): void;
}

/**
 * What leaves the device and comes back, below the timeline: a lane for each direction of the link, the times the device
 * waits, and the memory in use where values go. A click on a transfer picks the layer it belongs to.
 */
export function offloadStrip(onPick: (transfer: TransferView) => void): OffloadStrip {
  const summary = el('p', { class: 'muted offload-summary' });
  const svg = svgEl('svg', { class: 'offload-picture', 'aria-hidden': 'true', height: stripHeight });
  const element = el('div', { class: 'offload-strip', hidden: true }, svg, summary);
  const picture = (offload: OffloadView, x: ScaleLinear<number, number>): SVGElement[] => {
    const [left, right] = x.range();
    const [from, to] = x.domain();
    const inSight = <T extends { readonly startMs: number; readonly endMs: number }>(
      spans: readonly T[],
    ): T[] => spans.filter(({ startMs, endMs }) => endMs > from && startMs < to);
    const bar = (
      span: TransferView | StallView,
      [top, height]: readonly [number, number],
      name: string,
    ): SVGRectElement => {
      const start = Math.max(x(span.startMs), left);
      const end = Math.min(x(span.endMs), right);
      return svgEl('rect', { class: name, x: start, y: top, width: Math.max(1, end - start), height });
    };
    const transfers = inSight(offload.transfers).map((transfer) => {
      const isOut = transfer.direction === 'out';
      const mark = bar(transfer, isOut ? lanes.out : lanes.back, isOut ? 'offload-out' : 'offload-back');
      mark.append(svgEl('title', {}, transferText(transfer)));
      mark.addEventListener('click', () => onPick(transfer));
      return mark;
    });
    const stalls = inSight(offload.stalls).map((stall) => {
      const mark = bar(stall, lanes.waits, 'offload-wait');
      mark.append(svgEl('title', {}, stallText(stall)));
      return mark;
    });
    const [top, height] = lanes.memory;
    const most = Math.max(offload.peakBytes, 1);
    const y = (bytes: number): number => top + height * (1 - bytes / most);
    const { ms, bytes } = offload.memory;
    const corners = Array.from(ms, (at, i): [number, number] => [at, bytes[i]]);
    const last = corners.at(-1);
    const memory = area<[number, number]>(
      ([at]) => Math.min(Math.max(x(at), left), right),
      top + height,
      ([, amount]) => y(amount),
    ).curve(curveStepAfter);
    return [
      ...[
        ['out', lanes.out],
        ['back', lanes.back],
        ['waits', lanes.waits],
        [offload.target.to, lanes.memory],
      ].map(([name, [at, tall]]) =>
        svgEl(
          'text',
          {
            class: 'tick',
            x: left - 8,
            y: Number(at) + Number(tall) / 2,
            dy: '0.34em',
            'text-anchor': 'end',
          },
          String(name),
        ),
      ),
      ...[lanes.out, lanes.back].map(([at, tall]) =>
        svgEl('rect', { class: 'offload-lane', x: left, y: at, width: right - left, height: tall }),
      ),
      ...transfers,
      ...stalls,
      svgEl('path', {
        class: 'offload-memory',
        d: memory([...corners, ...(last ? [[to, last[1]] as [number, number]] : [])]) ?? '',
      }),
      svgEl('line', { class: 'axis-line', x1: left, x2: right, y1: top + height, y2: top + height }),
    ];
  };
  const draw = memoizeLast((offload: OffloadView, x: ScaleLinear<number, number>, width: number) => {
    setAttributes(svg, { width, viewBox: `0 0 ${width} ${stripHeight}` });
    svg.replaceChildren(...picture(offload, x));
    setText(summary, offloadSummary(offload));
  });
  return {
    element,
    render(offload, x, width) {
      element.hidden = offload === undefined;
      if (offload) draw(offload, x, width);
    },
  };
}

/** What leaves, what comes back, and what it costs, in a sentence. */
export function offloadSummary({ target, link, outBytes, inBytes, stallMs, peakBytes }: OffloadView): string {
  const title = linkTitle(link.name, target.to);
  const place = target.to === 'host' ? 'host memory' : 'storage';
  const rates =
    link.outGBPerS === link.inGBPerS
      ? formatBandwidth(link.outGBPerS)
      : `${formatBandwidth(link.outGBPerS)} out, ${formatBandwidth(link.inGBPerS)} back`;
  if (outBytes === 0 && inBytes === 0)
    return `Nothing leaves the device: what fits the budget needs no transfer (${title}, ${rates}).`;
  const waiting = stallMs > 0 ? `the device waits ${formatDuration(stallMs)}` : 'the device never waits';
  return (
    `${formatMemory(outBytes)} out and ${formatMemory(inBytes)} back over ${title} (${rates}); ${waiting}; ` +
    `up to ${formatMemory(peakBytes)} of ${place}.`
  );
}

export const transferColumns = ['Value', 'Way', 'Size', 'From', 'To', 'Layer'] as const;

/** The transfers as a table, and after them the times that the device waits. */
export function offloadRows({ transfers, stalls }: OffloadView): string[][] {
  const moves = transfers.map(({ value, direction, bytes, startMs, endMs, target }) => [
    value,
    direction === 'out' ? 'out' : 'back',
    formatMemory(bytes),
    formatDuration(startMs),
    formatDuration(endMs),
    target,
  ]);
  const waits = stalls.map(({ node, reason, startMs, endMs }) => [
    node,
    reason === 'fetch' ? 'waits for its input' : 'waits for memory',
    '',
    formatDuration(startMs),
    formatDuration(endMs),
    '',
  ]);
  return [...moves, ...waits];
}

const transferText = ({ value, direction, bytes, startMs, endMs }: TransferView): string =>
  `${value}: ${formatMemory(bytes)} ${direction === 'out' ? 'out' : 'back'}, ${formatDuration(startMs)} to ${formatDuration(endMs)}`;

const stallText = ({ node, reason, startMs, endMs }: StallView): string =>
  `${node} waits ${formatDuration(endMs - startMs)}: ${reason === 'fetch' ? 'its input is not back yet' : 'the memory it needs is not free yet'}`;
