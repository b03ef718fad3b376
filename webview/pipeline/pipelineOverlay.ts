import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { memoryTickLabel, memoryTicks } from '../../planner-core/base/memoryTicks';
import { svgEl } from '../base/dom';
import { labelWidth } from '../base/labelPlacement';
import type { PipelineLayout, Scale } from './pipelineLayout';
import type { PipelineModel } from './pipelineModel';
import { t } from '../base/l10n';

export interface PipelineOverlayInput {
  readonly model: PipelineModel;
  readonly layout: PipelineLayout;
  readonly x: Scale;
  readonly memory: readonly Scale[];
}

/** Axes and marks over the painted lanes. */
export function pipelineOverlay(input: PipelineOverlayInput): SVGElement[] {
  return [...laneMarks(input), ...limits(input), ...phases(input), ...timeAxis(input)];
}

function laneMarks({ layout, memory }: PipelineOverlayInput): SVGElement[] {
  const { left, right } = layout;
  return layout.lanes.flatMap((box, lane): SVGElement[] => {
    const y = memory[lane];
    const room = box.memoryBottom - box.memoryTop;
    const edge = { class: 'lane-edge', x1: 0, x2: layout.width, y1: box.top, y2: box.top };
    const height = box.passBottom - box.passTop;
    return [
      svgEl('line', edge),
      ...memoryTicks(0, y.domain()[1], Math.max(2, room / 34)).flatMap((bytes): SVGElement[] => [
        svgEl('line', { class: 'grid-line', x1: left, x2: right, y1: y(bytes), y2: y(bytes) }),
        svgEl(
          'text',
          { class: 'tick', x: left - 8, y: y(bytes), dy: '0.32em', 'text-anchor': 'end' },
          memoryTickLabel(bytes),
        ),
      ]),
      svgEl('rect', { class: 'lane-frame', x: left, y: box.passTop, width: right - left, height }),
    ];
  });
}

/** The memory a device has, where that is in sight. */
function limits({ model, layout, memory }: PipelineOverlayInput): SVGElement[] {
  return model.lanes.flatMap(({ memoryBytes, use }, lane): SVGElement[] => {
    const y = memory[lane];
    if (memoryBytes > y.domain()[1]) return [];
    const state = use.peakBytes > memoryBytes ? ' is-infeasible' : '';
    const at = y(memoryBytes);
    return [
      svgEl('line', { class: `budget-line${state}`, x1: layout.left, x2: layout.right, y1: at, y2: at }),
      svgEl(
        'text',
        { class: 'budget-label', x: layout.right - 4, y: at + 12, 'text-anchor': 'end' },
        t('memory {0}', formatMemory(memoryBytes)),
      ),
    ];
  });
}

/** While it fills, is full, and drains; what ends an update (its optimizer) comes after. */
function phases({ model, layout, x }: PipelineOverlayInput): SVGElement[] {
  const { fillMs, drainMs } = model.view.run;
  const lastMs = model.lanes.reduce((last, { lastEndMs }) => Math.max(last, lastEndMs), 0);
  const drainsAt = Math.max(fillMs, lastMs - drainMs);
  const parts = [
    { name: t('fill'), from: 0, to: fillMs },
    { name: t('full'), from: fillMs, to: drainsAt },
    { name: t('drain'), from: drainsAt, to: lastMs },
  ];
  return parts.flatMap(({ name, from, to }): SVGElement[] => {
    const [left, right] = [Math.max(layout.left, x(from)), Math.min(layout.right, x(to))];
    if (right - left < 1) return [];
    const long = `${name} ${formatDuration(to - from)}`;
    const text = [long, name].find((label) => labelWidth(label) < right - left - 6);
    return [
      svgEl('line', { class: 'phase-edge', x1: right, x2: right, y1: 3, y2: layout.bottom }),
      svgEl('line', {
        class: 'phase-line',
        x1: left + 2,
        x2: right - 2,
        y1: layout.top - 3,
        y2: layout.top - 3,
      }),
      ...(text
        ? [
            svgEl(
              'text',
              { class: 'tick', x: (left + right) / 2, y: layout.top - 8, 'text-anchor': 'middle' },
              text,
            ),
          ]
        : []),
    ];
  });
}

function timeAxis({ layout, x }: PipelineOverlayInput): SVGElement[] {
  return x.ticks(Math.max(2, (layout.right - layout.left) / 110)).flatMap((value) => {
    const text = formatDuration(value).replace(/\.0+(?= )/, '');
    const at = x(value);
    // The last label stays inside the picture.
    const anchor = at + labelWidth(text) / 2 > layout.width ? 'end' : 'middle';
    return [
      svgEl('line', { class: 'tick-mark', x1: at, x2: at, y1: layout.bottom, y2: layout.bottom + 4 }),
      svgEl('text', { class: 'tick', x: at, y: layout.bottom + 15, 'text-anchor': anchor }, text),
    ];
  });
}
