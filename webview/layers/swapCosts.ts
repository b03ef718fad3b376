import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { OffloadView, ValueChoice } from '../../planner-core/session/offload/offloadView';
import { operatorKey, type LayerTree } from '../state/layerTree';
import { t } from '../base/l10n';

/** What it costs to do without what a layer keeps, one way or the other. */
export interface SwapCost {
  readonly bytes: number;
  /** undefined: some of it cannot be computed again. */
  readonly recomputeMs: number | undefined;
  /** The part of the transfers that nothing can hide, were the link free. */
  readonly offloadMs: number;
  readonly transferMs: number;
}

/** By row of the tree: its own values, and for a module those of everything in it. undefined where there are none. */
export function swapCosts(tree: LayerTree, { values }: OffloadView): (SwapCost | undefined)[] {
  const costs = tree.layers.map((): SwapCost | undefined => undefined);
  const add = (row: number, { bytes, recomputeMs, offloadMs, transferMs }: SwapCost): void => {
    const before = costs[row];
    costs[row] = {
      bytes: (before?.bytes ?? 0) + bytes,
      recomputeMs:
        recomputeMs === undefined || (before && before.recomputeMs === undefined)
          ? undefined
          : (before?.recomputeMs ?? 0) + recomputeMs,
      offloadMs: (before?.offloadMs ?? 0) + offloadMs,
      transferMs: (before?.transferMs ?? 0) + transferMs,
    };
  };
  for (const value of values) {
    // State is not among what backward keeps: its price would drown that of the activations.
    if (value.kind !== 'activation') continue;
    const { bytes, recomputeMs, exposedMs: offloadMs, transferMs } = value;
    for (let row = rowOf(tree, value); row >= 0; row = tree.layers[row].parent)
      add(row, { bytes, recomputeMs, offloadMs, transferMs });
  }
  return costs;
}

const rowOf = ({ byKey }: LayerTree, { target }: ValueChoice): number => byKey.get(operatorKey(target)) ?? -1;

/** Which way costs less; undefined where they cost the same. */
export function cheaperWay({ recomputeMs, offloadMs }: SwapCost): 'recompute' | 'offload' | undefined {
  if (recomputeMs === undefined || offloadMs < recomputeMs) return 'offload';
  return recomputeMs < offloadMs ? 'recompute' : undefined;
}

/** Both costs in words. */
export function swapText({ bytes, recomputeMs, offloadMs, transferMs }: SwapCost): string {
  const recompute =
    recomputeMs === undefined
      ? t('{0}: cannot all be computed again.', formatMemory(bytes))
      : t('{0}: takes {1} to compute again.', formatMemory(bytes), formatDuration(recomputeMs));
  const offload =
    offloadMs === 0
      ? t('Its transfers take {0}, all of which its window can hide.', formatDuration(transferMs))
      : t(
          'Its transfers take {0}, of which its window cannot hide {1}.',
          formatDuration(transferMs),
          formatDuration(offloadMs),
        );
  return `${recompute} ${offload}`;
}
