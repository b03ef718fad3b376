import { describe, expect, test } from 'vitest';
import { contiguousStrides, isDense, viewStrides } from '../../../planner-core/graph/strides';

/** Offsets of all elements in row-major order of a strided tensor. */
function offsets(shape: readonly number[], strides: readonly number[]): number[] {
  let result = [0];
  shape.forEach((size, axis) => {
    result = result.flatMap((offset) => Array.from({ length: size }, (_, i) => offset + i * strides[axis]));
  });
  return result;
}

describe('viewStrides', () => {
  test('splitting and merging heads: a view before the transpose, a copy after it', () => {
    const shape = [2, 16, 768];
    const split = viewStrides(shape, contiguousStrides(shape), [2, 16, 12, 64])!;
    expect(split).toEqual([16 * 768, 768, 64, 1]);
    const transposed = [split[0], split[2], split[1], split[3]];
    expect(viewStrides([2, 12, 16, 64], transposed, [24, 16, 64])).toBeUndefined();
    expect(viewStrides([2, 16, 12, 64], split, shape)).toEqual(contiguousStrides(shape));
  });

  test('a result addresses the same elements in the same order, for all small shapes', () => {
    const shapes = [[4, 6], [24], [2, 2, 6], [1, 24], [2, 12, 1], [3, 8], [4, 3, 2], [2, 3, 4]];
    for (const from of shapes) {
      const layouts = [contiguousStrides(from)];
      if (from.length > 1) {
        const swapped = [...contiguousStrides([...from].reverse())].reverse();
        layouts.push(swapped);
      }
      for (const strides of layouts) {
        for (const to of shapes) {
          const view = viewStrides(from, strides, to);
          if (view) expect(offsets(to, view)).toEqual(offsets(from, strides));
          else expect(strides).not.toEqual(contiguousStrides(from));
        }
      }
    }
  });
});

test('isDense tells permuted from broadcast and sliced layouts', () => {
  expect(isDense([2, 3], [3, 1])).toBe(true);
  expect(isDense([3, 2], [1, 3])).toBe(true);
  expect(isDense([2, 3], [0, 1])).toBe(false);
  expect(isDense([2, 3], [6, 1])).toBe(false);
});
