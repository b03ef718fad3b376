import type { Decision } from '../../planner-core/plan/plan';
import type { LayerRow } from '../../planner-core/session/types';
import { el } from '../base/dom';
import { colocations, colocationsOf, runsOnly, togetherText } from '../layers/deviceLimits';
import { rowKey } from '../state/layerTree';
import type { StepModel } from '../state/view';
import { t } from '../base/l10n';

export interface DeviceBlockActions {
  /** `undefined`: any device, as the planner sees fit. */
  readonly limit: (device: string | undefined) => void;
  readonly select: (keys: readonly string[]) => void;
}

/**
 * Where a row may run: the device it is limited to (by hand, or by what it is), and what must be where it is. Nothing with
 * one device.
 */
export function deviceBlock(
  { view: { step }, tree }: StepModel,
  row: LayerRow,
  pins: readonly Decision[],
  actions: DeviceBlockActions,
): HTMLElement[] {
  const { devices } = step;
  if (devices.length < 2) return [];
  const able = runsOnly(step, tree)[row.id] ?? devices;
  const pinned = pins.find(({ kind, target }) => kind === row.kind && target === row.name)?.device;
  const select = el(
    'select',
    { class: 'device-select', 'aria-label': t('Device that {0} runs on only', row.label) },
    el('option', { value: '' }, t('any device')),
    ...devices.map((id) => el('option', { value: id, disabled: !able.includes(id) }, t('{0} only', id))),
  );
  select.value = pinned ?? '';
  select.addEventListener('change', () => actions.limit(select.value === '' ? undefined : select.value));
  const groups = colocationsOf(tree, colocations(step, tree), row.id);
  return [
    el('h3', {}, t('Device')),
    el('p', { class: 'device-limit' }, `${t('Runs on')} `, select),
    ...(able.length < devices.length
      ? [
          el(
            'p',
            { class: 'muted' },
            t('Cannot run on {0}.', devices.filter((id) => !able.includes(id)).join(', ')),
          ),
        ]
      : []),
    ...groups.map((group) => {
      const all = el(
        'button',
        { class: 'link-button', type: 'button' },
        t('Select all {0} that move together', group.rows.length),
      );
      all.addEventListener('click', () =>
        actions.select(group.rows.map((member) => rowKey(tree.layers[member]))),
      );
      return el('p', { class: 'device-together' }, `⚭ ${togetherText(tree, group, row.id)}. `, all);
    }),
  ];
}
