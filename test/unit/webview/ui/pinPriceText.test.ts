import { expect, it } from 'vitest';
import type { PinPrice } from '../../../../planner-core/session/pinPrices';
import { pinPriceLabel, pinPriceText, priceOf } from '../../../../webview/ui/pinPriceText';

const price = (changes: Partial<PinPrice>): PinPrice => ({
  target: 'a',
  kind: 'module',
  unlocksBudget: false,
  ...changes,
});

it('tells what a pin costs, and leaves out what is nothing or not known', () => {
  expect(pinPriceText(price({ overheadPercent: 1.23 }))).toBe('This pin costs +1.2 %.');
  expect(pinPriceLabel(price({ overheadPercent: 1.23 }))).toBe('+1.2 %');
  expect(pinPriceText(price({ overheadPercent: 0.01 }))).toBe('This pin costs nothing.');
  expect(pinPriceLabel(price({ overheadPercent: 0.01 }))).toBe('');
  expect(pinPriceText(price({}))).toBeUndefined();
  expect(pinPriceText(undefined)).toBeUndefined();
});

it('tells that a pin keeps the budget, or other budgets, out of reach', () => {
  expect(pinPriceText(price({ unlocksBudget: true }))).toBe('Without this pin a plan would fit the budget.');
  const unreachable = { fromBytes: 2 ** 30, toBytes: 2 ** 31 };
  expect(pinPriceText(price({ overheadPercent: 2, unreachable }))).toBe(
    'This pin costs +2.0 %. It puts budgets from 1.00 GiB to 2.00 GiB out of reach.',
  );
});

it('finds the price of a layer by name and kind', () => {
  const prices = [price({ kind: 'operator' }), price({ overheadPercent: 3 })];
  expect(priceOf(prices, { name: 'a', kind: 'module' })?.overheadPercent).toBe(3);
  expect(priceOf(prices, { name: 'b', kind: 'module' })).toBeUndefined();
});
