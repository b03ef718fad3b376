import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { PlacementMeasure, PlacementView } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Store } from '../state/store';
import type { Pane } from '../state/view';
import { tableTwin } from '../ui/tableTwin';
import { flooredDuration, overText } from './placementWords';
import { t, translated } from '../base/l10n';

/** A bar of the comparison. */
export interface ComparedPlacement {
  readonly kind: 'plan' | 'baseline';
  readonly name: string;
  readonly timeMs: number;
  readonly peakBytes: readonly number[];
  readonly fits: boolean;
}

/** The plan among what simple rules give, fastest first; what does not fit comes last. */
export function compared(
  { timeMs, perDevice, baselines }: PlacementView,
  devices: readonly PlanDevice[],
): ComparedPlacement[] {
  const peakBytes = perDevice.map((use) => use.peakBytes);
  const plan: ComparedPlacement = {
    kind: 'plan',
    name: t('this plan'),
    timeMs,
    peakBytes,
    fits: overText(peakBytes, devices).length === 0,
  };
  const rules = baselines.map((rule): ComparedPlacement => ({
    ...rule,
    kind: 'baseline',
    name: translated(rule.name),
  }));
  return [plan, ...rules].sort((a, b) => Number(b.fits) - Number(a.fits) || a.timeMs - b.timeMs);
}

/** How long a step (or an update by micro-batches) takes where the plan puts its layers, and where simple rules would put them. */
export function placementsPane(store: Store): Pane {
  const list = el('ol', { class: 'placement-bars', 'aria-label': t('Placements, fastest first') });
  const title = el('h2', {}, t('Placements'));
  const bound = el('span', { class: 'muted placement-bound' });
  const table = tableTwin(store, 'placements', t('Placements'), [
    t('Placement'),
    t('Time'),
    t('Fits'),
    t('Most in memory'),
  ]);
  const element = el(
    'section',
    { id: 'placements', class: 'pane', 'aria-label': t('Placements'), hidden: true },
    el('div', { class: 'pane-title' }, title, bound, table.toggle),
    list,
    table.element,
  );
  const draw = memoizeLast((placement: PlacementView, devices: readonly PlanDevice[]) => {
    const { measure, boundMs } = placement;
    const rows = compared(placement, devices);
    const mostMs = scaleEnd(rows);
    title.textContent = titles[measure];
    bound.textContent = bound.title = boundMs > 0 ? t('proven: ≥ {0}', flooredDuration(boundMs)) : '';
    list.replaceChildren(...rows.map((row) => bar(row, mostMs, boundMs, devices)));
    table.setRows(
      rows.map(({ name, timeMs, fits, peakBytes }) => [
        name,
        formatDuration(timeMs),
        fits ? t('yes') : t('no'),
        devices.map(({ id }, i) => `${id} ${formatMemory(peakBytes[i] ?? 0)}`).join(', '),
      ]),
    );
  });
  return {
    element,
    render({ host, devices, ui }) {
      const placement = host.plan?.placement;
      element.hidden = !placement || placement.baselines.length === 0;
      if (!placement || element.hidden) return;
      draw(placement, devices);
      table.show(ui.tables.includes('placements'));
    },
  };
}

const titles: Readonly<Record<PlacementMeasure, string>> = {
  step: t('Time of a step'),
  period: t('Time between steps'),
  update: t('Time of an update'),
};

/** Bars that are several times as long as the shortest end at the edge: the differences worth seeing are among the best. */
const longestBar = 2.5;

function scaleEnd(rows: readonly ComparedPlacement[]): number {
  const times = rows.map(({ timeMs }) => timeMs);
  return Math.max(Math.min(Math.max(...times), longestBar * Math.min(...times)), Number.MIN_VALUE);
}

function bar(
  { kind, name, timeMs, peakBytes, fits }: ComparedPlacement,
  mostMs: number,
  boundMs: number,
  devices: readonly PlanDevice[],
): HTMLElement {
  const fill = el('i', { class: 'placement-fill' });
  fill.style.width = `${Math.min(100, (100 * timeMs) / mostMs)}%`;
  fill.classList.toggle('is-cut', timeMs > mostMs);
  const mark = el('i', { class: 'placement-least', hidden: boundMs <= 0 });
  mark.style.left = `${(100 * boundMs) / mostMs}%`;
  const over = fits ? [] : overText(peakBytes, devices);
  const verdict = fits ? '' : over.length > 0 ? over.join(', ') : t('does not fit');
  return el(
    'li',
    {
      class: `placement-bar is-${kind}${fits ? '' : ' is-over'}`,
      title: [name, verdict].filter(Boolean).join(': '),
    },
    el('span', { class: 'placement-name' }, name),
    el('span', { class: 'placement-track', 'aria-hidden': 'true' }, fill, mark),
    el('span', { class: 'placement-time' }, formatDuration(timeMs)),
    el('span', { class: fits ? 'visually-hidden' : 'placement-over' }, fits ? t('fits') : t('too large')),
  );
}
