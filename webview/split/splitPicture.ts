import { line, scaleLinear, scaleLog, type ScaleLinear, type ScaleLogarithmic } from 'd3';
import { formatBandwidth } from '../../planner-core/base/format';
import type { SplitAnswer } from '../../planner-core/session/machines/splitModel';
import { deviceClass } from '../base/deviceColour';
import { svgEl } from '../base/dom';
import { placeLabels, type LabelPlace } from '../base/labelPlacement';
import type { Size } from '../base/size';
import { bandwidthRange, breakpoints, envelope } from './splitCurve';
import { t } from '../base/l10n';

export const margin = { left: 58, right: 18, top: 10, bottom: 44 };

/** Times further apart than this are drawn on a log axis: else the better ones would lie on each other. */
const linearRatio = 8;

/** Bandwidth and time to pixels, and where the plot ends. */
export interface SplitScales {
  readonly x: ScaleLogarithmic<number, number>;
  readonly y: ScaleLinear<number, number> | ScaleLogarithmic<number, number>;
  readonly right: number;
  readonly bottom: number;
}

export function splitScales(answer: SplitAnswer, { width, height }: Size): SplitScales {
  const right = Math.max(width - margin.right, margin.left + 40);
  const bottom = Math.max(height - margin.bottom, margin.top + 40);
  const times = [answer.now.totalMs, ...answer.aloneMs, ...envelope(answer, 1).map(({ totalMs }) => totalMs)];
  const finite = times.filter((time) => time > 0 && Number.isFinite(time));
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const range = [bottom, margin.top];
  const y =
    most / least > linearRatio
      ? scaleLog([least / 1.3, most * 1.3], range)
      : scaleLinear([0, 1.1 * most], range);
  return { x: scaleLog(bandwidthRange(answer), [margin.left, right]), y, right, bottom };
}

/** Everything of the chart that does not move with the slider. */
export function splitPicture(
  answer: SplitAnswer,
  scales: SplitScales,
  devices: readonly string[],
): SVGElement[] {
  const { x, y, right, bottom } = scales;
  const { gbPerS, between, aloneMs } = answer;
  const curve = line<{ gbPerS: number; totalMs: number }>(
    (point) => x(point.gbPerS),
    (point) => y(point.totalMs),
  );
  const corners = envelope(answer);
  const alone = between.map((id, i) => ({
    id,
    at: y(aloneMs[i]),
    className: deviceClass(devices.indexOf(id)),
  }));
  return [
    ...timeTicks(scales),
    ...bandwidthTicks(scales),
    ...alone.map(({ at, className }) =>
      svgEl('line', { class: `split-alone ${className}`, x1: margin.left, x2: right, y1: at, y2: at }),
    ),
    ...breakpoints(answer).map((at) =>
      svgEl('line', { class: 'split-break', x1: x(at), x2: x(at), y1: bottom - 7, y2: bottom + 3 }),
    ),
    svgEl('line', { class: 'split-link', x1: x(gbPerS), x2: x(gbPerS), y1: margin.top, y2: bottom }),
    svgEl('path', { class: 'split-curve', d: curve(corners) ?? '' }),
    svgEl('line', { class: 'axis-line', x1: margin.left, x2: right, y1: bottom, y2: bottom }),
    ...labels(answer, scales, alone),
  ];
}

function labels(
  answer: SplitAnswer,
  { x, y, right, bottom }: SplitScales,
  alone: readonly { readonly id: string; readonly at: number; readonly className: string }[],
): SVGElement[] {
  const beside = (at: number): LabelPlace[] =>
    [0.02, 0.98, 0.5].flatMap((across) =>
      [-8, 9].map((up): LabelPlace => {
        const anchor = across < 0.1 ? 'start' : across > 0.9 ? 'end' : 'middle';
        return { x: margin.left + across * (right - margin.left), y: at + up, anchor };
      }),
    );
  const linkX = x(answer.gbPerS);
  const corners = envelope(answer).map(({ gbPerS, totalMs }) => ({ x: x(gbPerS), y: y(totalMs) }));
  const texts = [
    ...alone.map(({ id, at, className }) => ({
      label: { text: t('everything on {0}', id), places: beside(at) },
      className: `split-alone-label ${className}`,
    })),
    {
      label: {
        text: t('link: {0}', formatBandwidth(answer.gbPerS)),
        places: [0.12, 0.3, 0.6, 0.9].flatMap((down): LabelPlace[] => {
          const at = margin.top + down * (bottom - margin.top);
          return [
            { x: linkX - 5, y: at, anchor: 'end' },
            { x: linkX + 5, y: at, anchor: 'start' },
          ];
        }),
      },
      className: 'split-link-label',
    },
    {
      label: {
        text: t('fastest split'),
        places: [0.7, 0.5, 0.85, 0.3, 0.15].flatMap((along) =>
          [15, -15, 22, -22].map((up): LabelPlace => {
            const corner = corners[Math.floor(along * (corners.length - 1))];
            return { x: corner.x, y: corner.y + up, anchor: 'middle' };
          }),
        ),
      },
      className: 'split-curve-label',
    },
  ];
  const obstacles = [
    ...corners.map((corner) => ({ left: corner.x - 5, top: corner.y - 5, width: 10, height: 10 })),
    ...alone.map(({ at }) => ({ left: margin.left, top: at - 1, width: right - margin.left, height: 2 })),
    { left: linkX - 1, top: margin.top, width: 2, height: bottom - margin.top },
  ];
  const area = { left: margin.left, top: 0, width: right - margin.left, height: bottom };
  const places = placeLabels(
    texts.map(({ label }) => label),
    area,
    obstacles,
  );
  return texts.flatMap(({ label, className }, i) => {
    const place = places[i];
    if (!place) return [];
    const { anchor, ...at } = place;
    return [svgEl('text', { class: className, ...at, 'text-anchor': anchor, dy: '0.34em' }, label.text)];
  });
}

function timeTicks({ y, right }: SplitScales): SVGElement[] {
  // A log scale gives ticks for every digit of a decade: the ones with a text are enough.
  const text = y.tickFormat(5);
  return y
    .ticks(5)
    .filter((ms) => text(ms) !== '')
    .flatMap((ms) => [
      svgEl('line', { class: 'grid-line', x1: margin.left, x2: right, y1: y(ms), y2: y(ms) }),
      svgEl(
        'text',
        { class: 'tick', x: margin.left - 8, y: y(ms), 'text-anchor': 'end', dy: '0.32em' },
        tickTime(ms),
      ),
    ]);
}

const tickTime = (ms: number): string =>
  ms >= 1000 ? `${Number((ms / 1000).toPrecision(3))} s` : `${Number(ms.toPrecision(3))} ms`;

/** Decades, below the slider. */
function bandwidthTicks({ x, bottom, right }: SplitScales): SVGElement[] {
  const [from, to] = x.domain();
  const decades = Array.from(
    { length: Math.max(0, Math.floor(Math.log10(to)) - Math.ceil(Math.log10(from)) + 1) },
    (_, i) => 10 ** (Math.ceil(Math.log10(from)) + i),
  );
  return decades.map((gbPerS) =>
    svgEl(
      'text',
      {
        class: 'tick',
        x: Math.min(x(gbPerS), right - 14),
        y: bottom + 24,
        'text-anchor': 'middle',
        dy: '0.8em',
      },
      formatBandwidth(gbPerS),
    ),
  );
}
