import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { PlacementView } from '../../planner-core/session/types';
import { deviceClass } from '../base/deviceColour';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { LanesLayout } from './lanesLayout';
import type { LanesModel } from './lanesModel';

/** What stands above each lane: which device, how busy it is, how much of its memory is taken. */
export function laneHeads(): {
  element: HTMLElement;
  show(
    model: LanesModel,
    devices: readonly PlanDevice[],
    layout: LanesLayout,
    placement: PlacementView | undefined,
  ): void;
  /** Marks the lane that would take what is dragged; undefined for none. */
  markTarget(lane: number | undefined): void;
} {
  const element = el('div', { class: 'lane-heads' });
  let heads: readonly Head[] = [];
  const make = memoizeLast((ids: string) => {
    heads = ids.split('\n').map((id, device) => head(id, device));
    element.replaceChildren(...heads.map((one) => one.element));
  });
  return {
    element,
    show({ lanes, total, unit }, devices, layout, placement) {
      // In a pipeline steps overlap: what counts is how much of a period a device is busy.
      const isPipeline = placement?.objective === 'throughput';
      const span = isPipeline ? placement.timeMs : total;
      make(lanes.map(({ id }) => id).join('\n'));
      lanes.forEach(({ busyMs, peak, device }, i) => {
        const { style } = heads[i].element;
        style.top = `${layout.lanes[i].top}px`;
        style.height = `${layout.lanes[i].bottom - layout.lanes[i].top}px`;
        style.left = `${layout.left}px`;
        style.right = `${layout.width - layout.right}px`;
        const planned = devices[device];
        setText(heads[i].name, planned?.name ?? '');
        setText(
          heads[i].use,
          unit === 'ms'
            ? `busy ${percent(busyMs / span)}${isPipeline ? ' of a period' : ''} · idle ${formatDuration(Math.max(0, span - busyMs))}`
            : '',
        );
        const limit = planned?.memoryBytes ?? Infinity;
        const isOver = peak.bytes > limit;
        heads[i].memory.classList.toggle('tone-error', isOver);
        setText(
          heads[i].memory,
          `peak ${formatMemory(peak.bytes)} of ${formatMemory(limit)}${isOver ? ': too much' : ''}`,
        );
      });
    },
    markTarget(lane) {
      heads.forEach((one, i) => one.element.classList.toggle('is-target', i === lane));
    },
  };
}

interface Head {
  readonly element: HTMLElement;
  readonly name: HTMLElement;
  readonly use: HTMLElement;
  readonly memory: HTMLElement;
}

function head(id: string, device: number): Head {
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
