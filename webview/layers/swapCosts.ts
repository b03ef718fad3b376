import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { OffloadView, ValueChoice } from '../../planner-core/session/offload/offloadView';
import { operatorKey, type LayerTree } from '../state/layerTree';
import { t } from '../base/l10n';

/** What it costs to do without what a layer keeps, one way or the other. */
export interface SwapCost {
  readonly bytes: number;
  /** undefined: some of it cannot be computed again. */
  readonly recomputeMs: number | undefined;
  /** The part of the transfers that nothing can hide, were the link free for them: at least so long the device waits. */
  readonly offloadMs: number;
  readonly transferMs: number;
}

/** What the values of a row add up to. */
interface Sum {
  bytes: number;
  recomputeMs: number | undefined;
  transferMs: number;
  /** The most that one of them cannot hide. */
  exposedMs: number;
  backMs: number;
  fromMs: number;
  untilMs: number;
}

/**
 * By row of the tree: its own values, and for a module those of everything in it. undefined where there are none. All of a
 * module's values share one link: what their ways back take beyond the time there is for them cannot be hidden either.
 */
export function swapCosts(tree: LayerTree, { values }: OffloadView): (SwapCost | undefined)[] {
  const sums = tree.layers.map((): Sum | undefined => undefined);
  for (const value of values) {
    // State is not among what backward keeps: its price would drown that of the activations.
    if (value.kind !== 'activation') continue;
    for (let row = rowOf(tree, value); row >= 0; row = tree.layers[row].parent) {
      const sum = (sums[row] ??= emptySum());
      sum.bytes += value.bytes;
      sum.recomputeMs =
        sum.recomputeMs === undefined || value.recomputeMs === undefined
          ? undefined
          : sum.recomputeMs + value.recomputeMs;
      sum.transferMs += value.transferMs;
      sum.exposedMs = Math.max(sum.exposedMs, value.exposedMs);
      sum.backMs += value.backMs;
      sum.fromMs = Math.min(sum.fromMs, value.fromMs);
      sum.untilMs = Math.max(sum.untilMs, value.untilMs);
    }
  }
  return sums.map(
    (sum) =>
      sum && {
        bytes: sum.bytes,
        recomputeMs: sum.recomputeMs,
        offloadMs: Math.max(sum.exposedMs, sum.backMs - (sum.untilMs - sum.fromMs)),
        transferMs: sum.transferMs,
      },
  );
}

const emptySum = (): Sum => ({
  ...{ bytes: 0, recomputeMs: 0, transferMs: 0, exposedMs: 0, backMs: 0 },
  ...{ fromMs: Infinity, untilMs: -Infinity },
});

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
