import { formatMemory } from '../../planner-core/base/format';
import type { PinPrice } from '../../planner-core/session/pinPrices';
import { t } from '../base/l10n';

/** Overheads below this are shown as nothing. */
const leastShownPercent = 0.05;

/** `+1.2 %`, beside a pin; '' where there is no price, or none worth a number. */
export function pinPriceLabel(price: PinPrice | undefined): string {
  if (price?.unlocksBudget) return t('over budget');
  const percent = price?.overheadPercent ?? 0;
  return percent >= leastShownPercent ? `+${percent.toFixed(1)} %` : '';
}

/** The price in a sentence or two; undefined where nothing is known. */
export function pinPriceText(price: PinPrice | undefined): string | undefined {
  if (!price) return undefined;
  const { overheadPercent: percent, unlocksBudget, unreachable } = price;
  const sentences: string[] = [];
  if (unlocksBudget) sentences.push(t('Without this pin a plan would fit the budget.'));
  else if (percent !== undefined)
    sentences.push(
      percent >= leastShownPercent
        ? t('This pin costs +{0} %.', percent.toFixed(1))
        : t('This pin costs nothing.'),
    );
  if (unreachable)
    sentences.push(
      t(
        'It puts budgets from {0} to {1} out of reach.',
        formatMemory(unreachable.fromBytes),
        formatMemory(unreachable.toBytes),
      ),
    );
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

/** The price of the pin on a layer. */
export function priceOf(
  prices: readonly PinPrice[] | undefined,
  { name, kind }: { readonly name: string; readonly kind: PinPrice['kind'] },
): PinPrice | undefined {
  return prices?.find((price) => price.target === name && price.kind === kind);
}
