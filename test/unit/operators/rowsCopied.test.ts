import { describe, expect, it } from 'vitest';
import { rowsCopied } from '../../../planner-core/operators/matmul';
import { single, stepOf, weight, x } from './smallGraph';

/** Bytes copied of an input of shape [2, 6, 4] with these strides, multiplied by a matrix. */
function copied(strides: readonly number[] | undefined): readonly { input: number; bytes: number }[] {
  const { context } = stepOf(single('MatMul', [x(2, 6, 4), weight(4, 3)]));
  const laidOut: typeof context = {
    ...context,
    input: (index) => (index === 0 ? { ...context.input(0)!, strides } : context.input(index)),
  };
  return rowsCopied(laidOut);
}

describe('the rows of a product with a matrix', () => {
  it('are a view of a contiguous sequence, and of one whose rows are apart', () => {
    expect(copied(undefined)).toEqual([]);
    expect(copied([24, 4, 1])).toEqual([]);
    expect(copied([48, 8, 1])).toEqual([]);
  });

  it('are copied where time and batch, or features and positions, are swapped', () => {
    const whole = [{ input: 0, bytes: 2 * 6 * 4 * 4 }];
    expect(copied([4, 8, 1])).toEqual(whole);
    expect(copied([24, 1, 6])).toEqual(whole);
  });
});
