import type { MeasuredLayer } from '../../planner-core/session/measuredLayers';
import { t } from '../base/l10n';

/** Measured time of a layer, forward and backward; NaN where neither was measured. */
export function measuredMs({ forwardMs, backwardMs }: MeasuredLayer): number {
  if (Number.isNaN(forwardMs)) return backwardMs;
  return Number.isNaN(backwardMs) ? forwardMs : forwardMs + backwardMs;
}

/** `×1.4`: measured over predicted time of the same computations; '' where there is nothing to compare. */
export function measuredRatio(layer: MeasuredLayer): string {
  const ratio = measuredMs(layer) / layer.predictedMs;
  return Number.isFinite(ratio) ? `×${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(2)}` : '';
}

/** `+3 %`: measured against predicted bytes; `exact` where they are equal. */
export function measuredDifference({ heldBytes, predictedBytes }: MeasuredLayer): string {
  if (heldBytes === predictedBytes) return t('exact');
  const percent = 100 * (heldBytes / predictedBytes - 1);
  if (!Number.isFinite(percent)) return '';
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent) >= 10 ? Math.abs(percent).toFixed(0) : Math.abs(percent).toFixed(1)} %`;
}
