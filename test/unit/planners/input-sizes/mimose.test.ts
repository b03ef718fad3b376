import { describe, expect, it } from 'vitest';
import { bucketedGreedy } from '../../../../planner-core/planners/input-sizes/mimose';
import { evaluate, quadraticFit } from '../../../../planner-core/planners/input-sizes/quadraticFit';

describe('bucketedGreedy', () => {
  it('gives nothing back where nothing is too much', () => {
    expect(bucketedGreedy([10, 10], 0, false)).toEqual([]);
  });

  it('takes the earliest of a bucket of like blocks first', () => {
    expect(bucketedGreedy([98, 100, 95, 40], 60, false)).toEqual([0]);
    expect(bucketedGreedy([100, 100, 100], 150, true)).toEqual([0, 2]);
  });

  it('takes the smallest that covers the rest', () => {
    expect(bucketedGreedy([100, 40, 20], 30, false)).toEqual([1]);
  });

  it('begins with the smallest, as published, or with the largest, where none covers it', () => {
    expect(bucketedGreedy([100, 50, 10], 105, false)).toEqual([0, 2]);
    expect(bucketedGreedy([100, 50, 10], 105, true)).toEqual([0, 2]);
    expect(bucketedGreedy([100, 50, 10], 120, false)).toEqual([0, 1, 2]);
    expect(bucketedGreedy([100, 50, 10], 120, true)).toEqual([0, 1]);
  });

  it('ends when all blocks are taken', () => {
    expect(bucketedGreedy([5, 5], 1000, false)).toEqual([0, 1]);
  });
});

describe('quadraticFit', () => {
  it('gives back a quadratic, and least squares of what is none', () => {
    const truth = [3e6, 2e4, 17];
    const fitted = quadraticFit([100, 200, 350, 512].map((x) => ({ x, y: evaluate(truth, x) })));
    fitted.forEach((c, power) => expect(c / truth[power]).toBeCloseTo(1, 6));
    expect(
      quadraticFit([
        { x: 1, y: 2 },
        { x: 1, y: 4 },
      ]),
    ).toEqual([3]);
  });
});
