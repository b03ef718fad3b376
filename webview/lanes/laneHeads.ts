import { assertNever } from '../../planner-core/base/assertNever';
import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { PlacementMeasure, PlacementView } from '../../planner-core/session/types';
import { deviceClass } from '../base/deviceColour';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { LanesModel } from './lanesModel';
import { t } from '../base/l10n';

/** What stands above a lane. */
export interface LaneHead {
  /** Index among all devices of the machine: its colour. */
  readonly device: number;
  readonly id: string;
  readonly name: string;
  /** How busy it is; '' where no times are known. */
  readonly use: string;
  readonly peakBytes: number;
  readonly memoryBytes: number;
}

/** Where heads stand, in CSS pixels. */
interface HeadLayout {
  readonly left: number;
  readonly right: number;
  readonly width: number;
  readonly lanes: readonly { readonly top: number; readonly bottom: number }[];
}

/** What stands above each lane: which device, how busy it is, how much of its memory is taken. */
export function laneHeads(): {
  element: HTMLElement;
  show(heads: readonly LaneHead[], layout: HeadLayout): void;
  /** Marks the lane that would take what is dragged; undefined for none. */
  markTarget(lane: number | undefined): void;
} {
  const element = el('div', { class: 'lane-heads' });
  let elements: readonly HeadElement[] = [];
  const make = memoizeLast((signature: string) => {
    const devices = JSON.parse(signature) as [id: string, device: number][];
    elements = devices.map(([id, device]) => headElement(id, device));
    element.replaceChildren(...elements.map((one) => one.element));
  });
  return {
    element,
    show(heads, layout) {
      make(JSON.stringify(heads.map(({ id, device }) => [id, device])));
      heads.forEach(({ name, use, peakBytes, memoryBytes }, i) => {
        const { style } = elements[i].element;
        style.top = `${layout.lanes[i].top}px`;
        style.height = `${layout.lanes[i].bottom - layout.lanes[i].top}px`;
        style.left = `${layout.left}px`;
        style.right = `${layout.width - layout.right}px`;
        setText(elements[i].name, name);
        setText(elements[i].use, use);
        const isOver = peakBytes > memoryBytes;
        elements[i].memory.classList.toggle('tone-error', isOver);
        setText(
          elements[i].memory,
          isOver
            ? t('peak {0} of {1}: too much', formatMemory(peakBytes), formatMemory(memoryBytes))
            : t('peak {0} of {1}', formatMemory(peakBytes), formatMemory(memoryBytes)),
        );
      });
    },
    markTarget(lane) {
      elements.forEach((one, i) => one.element.classList.toggle('is-target', i === lane));
    },
  };
}

/** Heads of the lanes of a step. In a pipeline steps overlap: what counts is how much of a period or an update a device is busy. */
export function headsOfStep(
  { lanes, total, unit }: LanesModel,
  devices: readonly PlanDevice[],
  placement: PlacementView | undefined,
): LaneHead[] {
  const pipelined = placement && placement.measure !== 'step' ? placement : undefined;
  const span = pipelined?.timeMs ?? total;
  return lanes.map(({ id, busyMs, peak, device }) => ({
    ...{ device, id, name: devices[device]?.name ?? '', peakBytes: peak.bytes },
    use: unit === 'ms' ? useText(busyMs, span, pipelined?.measure ?? 'step') : '',
    memoryBytes: devices[device]?.memoryBytes ?? Infinity,
  }));
}

/** `busy 82 % of an update · idle 3.10 ms` */
export function useText(busyMs: number, spanMs: number, measure: PlacementMeasure): string {
  const busy = percent(busyMs / spanMs);
  const idle = formatDuration(Math.max(0, spanMs - busyMs));
  switch (measure) {
    case 'step':
      return t('busy {0} · idle {1}', busy, idle);
    case 'update':
      return t('busy {0} of an update · idle {1}', busy, idle);
    case 'period':
      return t('busy {0} of a period · idle {1}', busy, idle);
    default:
      return assertNever(measure);
  }
}

interface HeadElement {
  readonly element: HTMLElement;
  readonly name: HTMLElement;
  readonly use: HTMLElement;
  readonly memory: HTMLElement;
}

function headElement(id: string, device: number): HeadElement {
  const [name, use, memory] = ['lane-name', 'lane-use', 'lane-memory'].map((part) =>
    el('span', { class: part }),
  );
  const element = el(
    'div',
    { class: `lane-head ${deviceClass(device)}`, 'data-device': id },
    el(
      'div',
      { class: 'lane-title' },
      el('i', { class: 'device-swatch', 'aria-hidden': 'true' }),
      el('strong', {}, id),
      name,
      use,
      memory,
    ),
  );
  return { element, name, use, memory };
}

/** `82 %` */
export const percent = (share: number): string => `${Math.round(100 * Math.min(1, Math.max(0, share)))} %`;
