import { area, curveStepAfter, type ScaleLinear } from 'd3';
import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { OffloadView, StallView, TransferView } from '../../planner-core/session/offload/offloadView';
import { el, setAttributes, setText, svgEl } from '../base/dom';
import { t } from '../base/l10n';
import { memoizeLast } from '../base/memoize';
import { linkTitle, ratesTitle } from './links';

type Lane = readonly [top: number, height: number];

/** Upper edges and heights of the lanes, in pixels. */
interface Lanes {
  readonly height: number;
  readonly out: Lane;
  readonly back: Lane;
  readonly waits: Lane;
  /** Absent: the summary alone says how much memory is in use. */
  readonly memory?: Lane;
}

const tall: Lanes = { height: 76, out: [2, 11], back: [17, 11], waits: [32, 7], memory: [45, 28] };
/** The height belongs to the chart above: details are in the titles and in the table. */
const low: Lanes = { height: 18, out: [1, 6], back: [8, 6], waits: [15, 3] };
/** From this height of the window on there is room for both. */
const tallWindow = 1000;

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
  const svg = svgEl('svg', { class: 'offload-picture', 'aria-hidden': 'true' });
  const element = el('div', { class: 'offload-strip', hidden: true }, svg, summary);
  const picture = (offload: OffloadView, x: ScaleLinear<number, number>, lanes: Lanes): SVGElement[] => {
    const [left, right] = x.range();
    const [from, to] = x.domain();
    const inSight = <T extends { readonly startMs: number; readonly endMs: number }>(
      spans: readonly T[],
    ): T[] => spans.filter(({ startMs, endMs }) => endMs > from && startMs < to);
    const bar = (span: TransferView | StallView, [top, height]: Lane, name: string): SVGRectElement => {
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
    return [
      ...labels(offload, lanes).map(([name, [top, height]]) =>
        svgEl(
          'text',
          { class: 'tick', x: left - 8, y: top + height / 2, dy: '0.34em', 'text-anchor': 'end' },
          name,
        ),
      ),
      ...[lanes.out, lanes.back].map(([top, height]) =>
        svgEl('rect', { class: 'offload-lane', x: left, y: top, width: right - left, height }),
      ),
      ...transfers,
      ...stalls,
      ...(lanes.memory ? memoryCurve(offload, x, lanes.memory) : []),
    ];
  };
  const draw = memoizeLast(
    (offload: OffloadView, x: ScaleLinear<number, number>, width: number, lanes: Lanes) => {
      const { height } = lanes;
      setAttributes(svg, { width, height, viewBox: `0 0 ${width} ${height}` });
      svg.replaceChildren(...picture(offload, x, lanes));
      const text = offloadSummary(offload);
      setText(summary, text);
      summary.title = text;
    },
  );
  return {
    element,
    render(offload, x, width) {
      element.hidden = offload === undefined;
      if (offload) draw(offload, x, width, window.innerHeight >= tallWindow ? tall : low);
    },
  };
}

const labels = ({ target }: OffloadView, { out, back, waits, memory }: Lanes): [string, Lane][] => {
  const place = target.to === 'host' ? t('host') : t('storage');
  if (!memory) return [[place, [out[0], back[0] + back[1] - out[0]]]];
  return [
    [t('out'), out],
    [t('back'), back],
    [t('waits'), waits],
    [place, memory],
  ];
};

/** Memory in use where values go, over time. */
function memoryCurve(
  { memory: { ms, bytes }, peakBytes }: OffloadView,
  x: ScaleLinear<number, number>,
  [top, height]: Lane,
): SVGElement[] {
  const [left, right] = x.range();
  const [, to] = x.domain();
  const most = Math.max(peakBytes, 1);
  const corners = Array.from(ms, (at, i): [number, number] => [at, bytes[i]]);
  const last = corners.at(-1);
  const memory = area<[number, number]>(
    ([at]) => Math.min(Math.max(x(at), left), right),
    top + height,
    ([, amount]) => top + height * (1 - amount / most),
  ).curve(curveStepAfter);
  const path = memory([...corners, ...(last ? [[to, last[1]] as [number, number]] : [])]) ?? '';
  return [
    svgEl('path', { class: 'offload-memory', d: path }),
    svgEl('line', { class: 'axis-line', x1: left, x2: right, y1: top + height, y2: top + height }),
  ];
}

/** What leaves, what comes back, and what it costs, in a sentence. */
export function offloadSummary({ target, link, outBytes, inBytes, stallMs, peakBytes }: OffloadView): string {
  const title = linkTitle(link.name, target.to);
  const rates = ratesTitle(link);
  if (outBytes === 0 && inBytes === 0)
    return t('Nothing leaves the device: what fits the budget needs no transfer ({0}, {1}).', title, rates);
  const moved = [formatMemory(outBytes), formatMemory(inBytes), title, rates] as const;
  const waiting =
    stallMs > 0 ? t('the device waits {0}', formatDuration(stallMs)) : t('the device never waits');
  const most = formatMemory(peakBytes);
  const room = target.to === 'host' ? t('up to {0} of host memory', most) : t('up to {0} of storage', most);
  return t('{0} out and {1} back over {2} ({3}); {4}; {5}.', ...moved, waiting, room);
}

export const transferColumns = [t('Value'), t('Way'), t('Size'), t('From'), t('To'), t('Layer')] as const;

/** The transfers as a table, and after them the times that the device waits. */
export function offloadRows({ transfers, stalls }: OffloadView): string[][] {
  const moves = transfers.map(({ value, direction, bytes, startMs, endMs, target }) => [
    value,
    direction === 'out' ? t('out') : t('back'),
    formatMemory(bytes),
    formatDuration(startMs),
    formatDuration(endMs),
    target,
  ]);
  const waits = stalls.map(({ node, reason, startMs, endMs }) => [
    node,
    reason === 'fetch' ? t('waits for its input') : t('waits for memory'),
    '',
    formatDuration(startMs),
    formatDuration(endMs),
    '',
  ]);
  return [...moves, ...waits];
}

function transferText({ value, direction, bytes, startMs, endMs }: TransferView): string {
  const what = [value, formatMemory(bytes), formatDuration(startMs), formatDuration(endMs)] as const;
  return direction === 'out'
    ? t('{0}: {1} out, {2} to {3}', ...what)
    : t('{0}: {1} back, {2} to {3}', ...what);
}

function stallText({ node, reason, startMs, endMs }: StallView): string {
  const waited = formatDuration(endMs - startMs);
  return reason === 'fetch'
    ? t('{0} waits {1}: its input is not back yet', node, waited)
    : t('{0} waits {1}: the memory it needs is not free yet', node, waited);
}
