import fc from 'fast-check';
import { expect, test } from 'vitest';
import { naturalOrder } from '../../../planner-core/base/naturalOrder';

const name = fc.stringMatching(/^[a.]{0,2}(0{0,2}[1-9]?[0-9]?[.b]){0,3}\d*$/);

test('numbers in names count', () => {
  const names = ['h.10.mlp', 'h.2', 'h.10', 'h.1', 'fc', 'h.02', 'layer1.10', 'layer1.9', 'layer', '12', '3'];
  expect(names.sort(naturalOrder)).toEqual([
    '3',
    '12',
    'fc',
    'h.1',
    'h.02',
    'h.2',
    'h.10',
    'h.10.mlp',
    'layer',
    'layer1.9',
    'layer1.10',
  ]);
});

test('is a total order in which only equal names are equal', () => {
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      expect(naturalOrder(a, b) === 0).toBe(a === b);
      expect(Math.sign(naturalOrder(a, b))).toBe(-Math.sign(naturalOrder(b, a)) + 0);
      if (naturalOrder(a, b) <= 0 && naturalOrder(b, c) <= 0)
        expect(naturalOrder(a, c)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 2000 },
  );
});
