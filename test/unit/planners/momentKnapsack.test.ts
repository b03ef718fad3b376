import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastCover } from '../../../planner-core/planners/bounds/momentKnapsack';

interface Item {
  readonly ms: number;
  readonly bytes: number;
}

const byRatio = (items: Item[]): Item[] => items.sort((a, b) => a.ms / a.bytes - b.ms / b.bytes);

describe('leastCover', () => {
  it('is the best of all selections', () => {
    const item = fc.record({ ms: fc.nat(20), bytes: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 10 }), fc.nat(120), (items, missing) => {
        let best = Infinity;
        for (let choice = 0; choice < 2 ** items.length; choice++) {
          const chosen = items.filter((_, i) => (choice >> i) & 1);
          const bytes = chosen.reduce((sum, { bytes }) => sum + bytes, 0);
          if (bytes >= missing) best = Math.min(best, chosen.reduce((sum, { ms }) => sum + ms, 0)); // prettier-ignore
        }
        expect(leastCover(byRatio(items), missing)).toBe(best);
      }),
    );
  });

  it('is a bound for many items, at once', () => {
    const items = Array.from({ length: 20_000 }, (_, i) => ({ ms: 1 + (i % 7), bytes: 2 + (i % 5) }));
    const bound = leastCover(byRatio(items), 30_001);
    expect(bound).toBeGreaterThan(0);
    // Taking them by ratio until they suffice costs at most one item more.
    let bytes = 0;
    let ms = 0;
    for (const next of items) {
      if (bytes >= 30_001) break;
      bytes += next.bytes;
      ms += next.ms;
    }
    expect(bound).toBeLessThanOrEqual(ms);
    expect(bound).toBeGreaterThan(ms - 8);
  });
});
