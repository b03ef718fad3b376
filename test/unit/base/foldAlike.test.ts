import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { foldAlike } from '../../../planner-core/base/foldAlike';

interface Row {
  readonly name: string;
  readonly said: string;
}
const fold = (rows: readonly Row[]) => foldAlike(rows, ({ said }) => said);

describe('rows that are alike', () => {
  test('become one where the same is said of them, in the order of the first of each', () => {
    const rows = [
      { name: 'h.1.mlp', said: '2 GiB' },
      { name: 'h.0.attn', said: '3 GiB' },
      { name: 'h.0.mlp', said: '2 GiB' },
      { name: 'h.2.mlp', said: '1 GiB' },
    ];
    const folded = fold(rows).map(({ text, items }) => [text, items.length]);
    expect(folded).toEqual([
      ['h.{0,1}.mlp', 2],
      ['h.0.attn', 1],
      ['h.2.mlp', 1],
    ]);
  });

  test('are all there once, those of one row said the same of', () => {
    const row = fc.record({
      name: fc.stringMatching(/^[ab]\.[0-3]\.[0-3]$/),
      said: fc.constantFrom('much', 'little'),
    });
    const rows = fc.uniqueArray(row, { selector: ({ name }) => name });
    fc.assert(
      fc.property(rows, (all) => {
        const folded = fold(all);
        const again = folded.flatMap(({ items }) => items);
        expect(new Set(again)).toEqual(new Set(all));
        expect(again).toHaveLength(all.length);
        for (const { items } of folded) expect(new Set(items.map(({ said }) => said)).size).toBe(1);
      }),
    );
  });
});
