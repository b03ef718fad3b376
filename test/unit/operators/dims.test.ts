import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  bind,
  floorDivide,
  multiply,
  subtract,
  symbol,
  type Dim,
} from '../../../planner-core/graph/dim';
import {
  atLeastZero,
  axesOf,
  broadcast,
  compareDims,
  larger,
  remainingDim,
  smaller,
} from '../../../planner-core/operators/dims';

const b = symbol('b');
const s = symbol('s');

/** Expressions as they come up in shapes: sums, products and quotients of sizes. */
const dim: fc.Arbitrary<Dim> = fc.letrec<{ dim: Dim }>((tie) => ({
  dim: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: -8, max: 8 }),
    fc.constantFrom(b, s),
    fc.tuple(tie('dim'), tie('dim')).map(([x, y]) => add(x, y)),
    fc.tuple(tie('dim'), tie('dim')).map(([x, y]) => subtract(x, y)),
    fc.tuple(tie('dim'), tie('dim')).map(([x, y]) => multiply(x, y)),
    fc.tuple(tie('dim'), fc.integer({ min: 1, max: 5 })).map(([x, y]) => floorDivide(x, y)),
    fc.tuple(tie('dim'), tie('dim')).map(([x, y]) => larger(x, y)),
    fc.tuple(tie('dim'), tie('dim')).map(([x, y]) => smaller(x, y)),
  ),
})).dim;

const sizes = fc.record({ b: fc.integer({ min: 1, max: 9 }), s: fc.integer({ min: 1, max: 9 }) });

describe('expressions compared', () => {
  it('agree with the numbers they stand for', () => {
    fc.assert(
      fc.property(dim, dim, sizes, (x, y, bindings) => {
        const value = (expression: Dim): number => bind(expression, bindings) as number;
        const [left, right] = [value(x), value(y)];
        expect(value(larger(x, y))).toBe(Math.max(left, right));
        expect(value(smaller(x, y))).toBe(Math.min(left, right));
        expect(value(atLeastZero(x))).toBe(Math.max(left, 0));
        expect([undefined, Math.sign(left - right)]).toContainEqual(compareDims(x, y));
      }),
    );
  });

  it('are decided where sizes cannot change the answer', () => {
    expect(compareDims(b, -1)).toBe(1);
    expect(compareDims(add(b, 3), b)).toBe(1);
    expect(compareDims(b, s)).toBeUndefined();
    expect(larger(s, smaller(s, 1024))).toBe(s);
    // A count of things found in data may be 0, a size of an input may not.
    expect(atLeastZero(subtract(s, 1))).toEqual(subtract(s, 1));
    expect(String(atLeastZero(subtract(symbol('NonZero_0:count'), 1)))).toContain('max');
  });
});

describe('broadcast', () => {
  it('takes the number over the name, and the name over 1', () => {
    expect(broadcast([[b, 1, 4], [s, 1], [1]]).map(String)).toEqual(['b', 's', '4']);
    expect(broadcast([[b], [7]])).toEqual([7]);
  });

  it('refuses sizes that differ', () => {
    expect(() => broadcast([[2], [3]])).toThrow('Sizes 2 and 3 cannot be broadcast together.');
  });
});

describe('remainingDim', () => {
  it('cancels what both shapes have before dividing', () => {
    const rows = add(b, 1);
    expect(remainingDim([rows, s, 12, 64], [rows, s])).toBe(768);
    expect(String(remainingDim([b, s, 768], [768]))).toBe('b*s');
  });

  it('is open where a size of 0 hides it, and refuses what does not divide', () => {
    expect(remainingDim([0, 3], [0])).toBeUndefined();
    expect(() => remainingDim([7], [2])).toThrow('cannot be split');
  });
});

describe('axesOf', () => {
  it('counts from the end and refuses what is not there or twice there', () => {
    expect(axesOf([0, -1], 3)).toEqual([0, 2]);
    expect(() => axesOf([3], 3)).toThrow('Axis 3 does not exist');
    expect(() => axesOf([0, -3], 3)).toThrow('twice');
  });
});
