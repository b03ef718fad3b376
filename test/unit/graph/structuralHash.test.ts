import { describe, expect, it } from 'vitest';
import { StructuralHash } from '../../../planner-core/graph/structuralHash';

const hashOf = (...items: (string | number)[]): string => {
  const hash = new StructuralHash();
  for (const item of items) {
    if (typeof item === 'string') hash.text(item);
    else hash.number(item);
  }
  return hash.digest();
};

describe('StructuralHash', () => {
  it('tells streams apart that concatenate alike', () => {
    const streams = [hashOf('ab', 'c'), hashOf('a', 'bc'), hashOf('abc'), hashOf('abc', ''), hashOf()];
    expect(new Set(streams).size).toBe(streams.length);
  });

  it('takes numbers exactly', () => {
    expect(hashOf(2 ** 53 - 1)).not.toBe(hashOf(2 ** 53 - 2));
    expect(hashOf(0.1)).not.toBe(hashOf(0.2));
    expect(hashOf(-0)).toBe(hashOf(0));
  });

  it('changes about half of its bits, in both halves, with every bit of the input', () => {
    const bits = (hex: string): number[] =>
      [...hex].flatMap((digit) => [8, 4, 2, 1].map((mask) => (parseInt(digit, 16) & mask ? 1 : 0)));
    const start = bits(hashOf('layer1.0.conv1', 5));
    for (let bit = 0; bit < 30; bit++) {
      const other = bits(hashOf('layer1.0.conv1', 5 ^ (1 << bit)));
      for (const half of [0, 32]) {
        const changed = start.slice(half, half + 32).filter((value, i) => value !== other[half + i]).length;
        expect(changed).toBeGreaterThan(4);
        expect(changed).toBeLessThan(28);
      }
    }
  });

  it('does not collide on a hundred thousand short streams, nor does either half by itself too often', () => {
    const all = Array.from({ length: 100_000 }, (_, i) => hashOf(`value_${i}`));
    expect(new Set(all).size).toBe(all.length);
    // 32 bits: about 1.2 collisions are expected among 10^5.
    for (const part of [0, 8]) {
      expect(new Set(all.map((hash) => hash.slice(part, part + 8))).size).toBeGreaterThan(all.length - 12);
    }
  });
});
