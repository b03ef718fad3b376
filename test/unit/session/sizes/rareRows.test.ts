import { expect, test } from 'vitest';
import { rareRows } from '../../../../planner-core/session/sizes/rareRows';

const of = (...shares: number[]): number[] => rareRows(shares.map((share) => ({ share })));

test('plans for hardly a batch are rare where a line for them is shorter and others are left', () => {
  expect(of(0.8, 0, 0.0005, 0.2)).toEqual([1, 2]);
  expect(of(0.8, 0, 0.2)).toEqual([]);
  expect(of(0, 0, 0)).toEqual([]);
  expect(of(0.5, 0.5)).toEqual([]);
});
