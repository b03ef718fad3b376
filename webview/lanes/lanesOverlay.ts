import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { memoryTickLabel, memoryTicks } from '../../planner-core/base/memoryTicks';
import type { PlanDevice } from '../../planner-core/plan/plan';
import { svgEl } from '../base/dom';
import { labelWidth } from '../base/labelPlacement';
import type { LanesLayout, Scale } from './lanesLayout';
import { isUsed, type LanesModel } from './lanesModel';
import { t } from '../base/l10n';

export interface LanesOverlayInput {
  readonly model: LanesModel;
  readonly layout: LanesLayout;
  readonly x: Scale;
  readonly memory: readonly Scale[];
  readonly devices: readonly PlanDevice[];
  /** Of the first device. */
  readonly budgetBytes: number;
  /** Which computations belong to the selected layers. */
  readonly isSelected: ((node: number) => boolean) | undefined;
}

/** Axes and marks over the painted lanes. */
export function lanesOverlay(input: LanesOverlayInput): SVGElement[] {
  return [...laneMarks(input), ...selected(input), ...limits(input), ...peaks(input), ...timeAxis(input)];
}

function laneMarks({ layout, memory, model }: LanesOverlayInput): SVGElement[] {
  const { left, right } = layout;
  return layout.lanes.flatMap((box, lane): SVGElement[] => {
    const y = memory[lane];
    const room = box.memoryBottom - box.memoryTop;
    const ticks = isUsed(model.lanes[lane]) ? memoryTicks(0, y.domain()[1], Math.max(2, room / 34)) : [];
    return [
      ...(lane > 0
        ? [svgEl('line', { class: 'lane-edge', x1: 0, x2: layout.width, y1: box.top, y2: box.top })]
        : []),
      ...ticks.flatMap((bytes): SVGElement[] => [
        svgEl('line', { class: 'grid-line', x1: left, x2: right, y1: y(bytes), y2: y(bytes) }),
        svgEl(
          'text',
          { class: 'tick', x: left - 8, y: y(bytes), dy: '0.32em', 'text-anchor': 'end' },
          memoryTickLabel(bytes),
        ),
      ]),
      svgEl('rect', {
        class: 'lane-frame',
        x: left,
        y: box.phaseTop,
        width: right - left,
        height: box.moduleBottom - box.phaseTop,
      }),
    ];
  });
}

/** Where the selected layers run, in the lane they run in. */
function selected({ model, layout, x, isSelected }: LanesOverlayInput): SVGElement[] {
  if (!isSelected) return [];
  const [low, high] = x.domain();
  const { computations, lanes } = model;
  const onePixel = x.invert(1) - x.invert(0);
  return lanes.flatMap(({ device, runs }) => {
    const spans: { from: number; to: number }[] = [];
    for (const run of runs) {
      if (!isSelected(computations.node[run])) continue;
      const { [run]: from } = computations.start;
      const { [run]: to } = computations.end;
      if (to < low || from > high) continue;
      const last = spans.at(-1);
      if (last && from - last.to <= onePixel) last.to = Math.max(last.to, to);
      else spans.push({ from, to });
    }
    const { memoryTop, moduleBottom } = layout.lanes[device];
    return spans.map(({ from, to }) =>
      svgEl('rect', {
        class: 'selected-span',
        x: x(Math.max(from, low)),
        y: memoryTop,
        width: Math.max(1.5, x(Math.min(to, high)) - x(Math.max(from, low))),
        height: moduleBottom - memoryTop,
      }),
    );
  });
}

/** The memory a device has, or the budget for it, where that is in sight. */
function limits({ model, layout, memory, devices, budgetBytes }: LanesOverlayInput): SVGElement[] {
  return model.lanes.flatMap(({ device, peak }): SVGElement[] => {
    const isBudget = device === 0;
    const bytes = isBudget ? budgetBytes : (devices[device]?.memoryBytes ?? Infinity);
    const y = memory[device];
    if (bytes > y.domain()[1]) return [];
    const state = peak.bytes > bytes ? ' is-infeasible' : '';
    const at = y(bytes);
    return [
      svgEl('line', { class: `budget-line${state}`, x1: layout.left, x2: layout.right, y1: at, y2: at }),
      svgEl(
        'text',
        { class: 'budget-label', x: layout.right - 4, y: at + 12, 'text-anchor': 'end' },
        isBudget ? t('budget {0}', formatMemory(bytes)) : t('memory {0}', formatMemory(bytes)),
      ),
    ];
  });
}

function peaks({ model, memory, x, layout }: LanesOverlayInput): SVGElement[] {
  return model.lanes.flatMap(({ peak, device }) => {
    const at = x(peak.at);
    if (peak.sample < 0 || peak.bytes === 0 || at < layout.left || at > layout.right) return [];
    return [svgEl('circle', { class: 'peak-dot', cx: at, cy: memory[device](peak.bytes), r: 3.5 })];
  });
}

function timeAxis({ layout, x, model }: LanesOverlayInput): SVGElement[] {
  return x.ticks(Math.max(2, (layout.right - layout.left) / 110)).flatMap((value) => {
    const text = model.unit === 'ms' ? formatDuration(value).replace(/\.0+(?= )/, '') : String(value);
    const at = x(value);
    // The last label stays inside the picture.
    const anchor = at + labelWidth(text) / 2 > layout.width ? 'end' : 'middle';
    return [
      svgEl('line', { class: 'tick-mark', x1: at, x2: at, y1: layout.bottom, y2: layout.bottom + 4 }),
      svgEl('text', { class: 'tick', x: at, y: layout.bottom + 15, 'text-anchor': anchor }, text),
    ];
  });
}
