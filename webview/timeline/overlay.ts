import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { Phase, type StepGraph } from '../../planner-core/step/stepGraph';
import type { Timeline } from '../../planner-core/simulator/timeline';
import { mark, type Mark } from '../base/dom';
import { labelWidth } from '../base/labelPlacement';
import { memoryTickLabel, memoryTicks } from '../../planner-core/base/memoryTicks';
import { phaseTitles } from '../ui/names';
import { flagRoom } from './peakCallout';
import { phaseSpans, type Span } from './spans';
import type { TimeAxis } from './timeAxis';
import { laneHeight, type TimelineLayout, type TimelineScale } from './timelineScale';
import { t } from '../base/l10n';

export interface OverlayInput {
  readonly step: StepGraph;
  readonly timeline: Timeline;
  readonly axis: TimeAxis;
  /** The line of keeping everything is drawn. */
  readonly keepAll?: unknown;
  readonly keepAllPeak: { readonly at: number; readonly bytes: number };
  readonly scale: TimelineScale;
  readonly layout: TimelineLayout;
  readonly budgetBytes: number;
  readonly fits: boolean;
  readonly laneNames: readonly string[];
  readonly selectedSpans: readonly Span[];
  readonly peak: { readonly at: number; readonly bytes: number };
}

/** Axes and marks over the painted bands. */
export function overlayMarks(input: OverlayInput): Mark[] {
  return [
    ...memoryAxis(input),
    ...timeAxisMarks(input),
    ...selection(input),
    ...phases(input),
    ...keepAllLabel(input),
    ...budget(input),
    ...lanes(input),
    ...peakDot(input),
  ];
}

function memoryAxis({ scale: { y }, layout }: OverlayInput): Mark[] {
  const count = Math.max(2, (layout.bottom - layout.top) / 42);
  return memoryTicks(0, y.domain()[1], count).flatMap((bytes) => [
    mark('line', { class: 'grid-line', x1: layout.left, x2: layout.right, y1: y(bytes), y2: y(bytes) }),
    mark(
      'text',
      { class: 'tick', x: layout.left - 8, y: y(bytes), dy: '0.32em', 'text-anchor': 'end' },
      memoryTickLabel(bytes),
    ),
  ]);
}

function timeAxisMarks({ scale: { x }, layout, axis }: OverlayInput): Mark[] {
  const label = (value: number): string =>
    axis.unit === 'ms' ? formatDuration(value).replace(/\.0+(?= )/, '') : String(value);
  return x.ticks(Math.max(2, (layout.right - layout.left) / 110)).flatMap((value) => {
    const text = label(value);
    const at = x(value);
    // The last label stays inside the picture.
    const anchor = at + labelWidth(text) / 2 > layout.width ? 'end' : 'middle';
    return [
      mark('line', { class: 'tick-mark', x1: at, x2: at, y1: layout.bottom, y2: layout.bottom + 4 }),
      mark('text', { class: 'tick', x: at, y: layout.bottom + 15, 'text-anchor': anchor }, text),
    ];
  });
}

/** Where the selected layers run. */
function selection({ selectedSpans, scale: { x }, layout }: OverlayInput): Mark[] {
  return clipped(selectedSpans, x.domain()).map(({ from, to }) =>
    mark('rect', {
      class: 'selected-span',
      x: x(from),
      y: layout.top,
      width: Math.max(1.5, x(to) - x(from)),
      height: layout.bottom - layout.top,
    }),
  );
}

function phases({ step, timeline, axis, scale: { x }, layout }: OverlayInput): Mark[] {
  const [low, high] = x.domain();
  return phaseSpans(step, timeline, axis).flatMap(({ phase, from, to }): Mark[] => {
    if (to < low || from > high) return [];
    const left = x(Math.max(from, low));
    const title = phaseTitles[phase];
    const marks: Mark[] = [];
    if (from > low && phase !== Phase.loss) {
      marks.push(
        mark('line', { class: 'phase-line', x1: left, x2: left, y1: layout.top - 12, y2: layout.bottom }),
      );
    }
    if (x(Math.min(to, high)) - left > labelWidth(title) + 8) {
      marks.push(mark('text', { class: 'phase-label', x: left + 5, y: layout.top - 4 }, title));
    } else if (phase === Phase.optimizer && left + labelWidth(title) > layout.right) {
      marks.push(
        mark('text', { class: 'phase-label', x: left - 5, y: layout.top - 4, 'text-anchor': 'end' }, title),
      );
    }
    return marks;
  });
}

function keepAllLabel({ keepAll, keepAllPeak, peak, scale: { x, y }, layout }: OverlayInput): Mark[] {
  const at = x(keepAllPeak.at);
  // Where both peaks are one, the flag tells enough.
  if (!keepAll || keepAllPeak.bytes <= peak.bytes * 1.02 || at < layout.left || at > layout.right) return [];
  const text = t('keeping everything {0}', formatMemory(keepAllPeak.bytes));
  return [
    mark(
      'text',
      {
        class: 'keep-all-label',
        x: at - 8,
        y: Math.max(layout.top + 10, y(keepAllPeak.bytes) + 4),
        'text-anchor': 'end',
      },
      text,
    ),
  ];
}

function budget({ budgetBytes, fits, peak, scale: { x, y }, layout }: OverlayInput): Mark[] {
  if (budgetBytes > y.domain()[1]) return [];
  const at = y(budgetBytes);
  // Above its line, unless the names of the phases are there.
  const baseline = at < layout.top + 16 ? at + 13 : at - 5;
  const text = t('budget {0}', formatMemory(budgetBytes));
  const end = freeEnd(x(peak.at), labelWidth(text) + 8, layout);
  return [
    mark('line', {
      class: `budget-line${fits ? '' : ' is-infeasible'}`,
      x1: layout.left,
      x2: layout.right,
      y1: at,
      y2: at,
    }),
    mark(
      'text',
      {
        class: 'budget-label',
        x: end === 'right' ? layout.right - 4 : layout.left + 4,
        y: baseline,
        'text-anchor': end === 'right' ? 'end' : 'start',
      },
      text,
    ),
  ];
}

/** The end of a line that is `wide` pixels away from the flag of the peak at x; else the one that is farther from it. */
export function freeEnd(peakX: number, wide: number, layout: TimelineLayout): 'left' | 'right' {
  if (peakX < layout.left || peakX > layout.right) return 'right';
  const flag = flagRoom(peakX, layout);
  const right = layout.right - flag.to;
  return right >= wide || right >= flag.from - layout.left ? 'right' : 'left';
}

function lanes({ laneNames, layout }: OverlayInput): Mark[] {
  return laneNames.flatMap((name, lane) => [
    mark('rect', {
      class: 'lane-frame',
      x: layout.left,
      y: layout.lanes[lane],
      width: layout.right - layout.left,
      height: laneHeight,
    }),
    mark(
      'text',
      {
        class: 'tick',
        x: layout.left - 8,
        y: layout.lanes[lane] + laneHeight / 2,
        dy: '0.34em',
        'text-anchor': 'end',
      },
      name,
    ),
  ]);
}

function peakDot({ peak, scale: { x, y }, layout }: OverlayInput): Mark[] {
  const at = x(peak.at);
  if (at < layout.left || at > layout.right) return [];
  return [mark('circle', { class: 'peak-dot', cx: at, cy: y(peak.bytes), r: 4 })];
}

function clipped(spans: readonly Span[], [low, high]: number[]): Span[] {
  return spans.flatMap(({ from, to }) =>
    to < low || from > high ? [] : [{ from: Math.max(from, low), to: Math.min(to, high) }],
  );
}
