import { describe, expect, it } from 'vitest';
import { spread } from '../../../planner-core/base/spread';

describe('spread', () => {
  it('keeps both ends and the order, and as many as are asked for', () => {
    for (let length = 0; length < 20; length++) {
      const all = Array.from({ length }, (_, i) => i);
      for (let count = 2; count < 12; count++) {
        const some = spread(all, count);
        expect(some.length).toBe(Math.min(length, count));
        expect(new Set(some).size).toBe(some.length);
        expect(some).toEqual([...some].sort((a, b) => a - b));
        if (length > 0) expect([some[0], some.at(-1)]).toEqual([0, length - 1]);
      }
    }
  });
});
