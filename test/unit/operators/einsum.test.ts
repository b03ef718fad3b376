import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../../planner-core/operators/rule';
import { ruleOf } from '../../../planner-core/operators/registry';
import { single, stepOf, x } from './smallGraph';

/** Which operands of [2, 3, 4, 5] and [2, 3, 6, 5] an equation copies, laid out with these strides. */
function copied(equation: string, strides: readonly (readonly number[] | undefined)[] = []): number[] {
  const { context } = stepOf(single('Einsum', [x(2, 3, 4, 5), x(2, 3, 6, 5)], { attributes: { equation } }));
  const laidOut: StepContext = {
    ...context,
    input: (index) => ({ ...context.input(index)!, strides: strides[index] }),
  };
  return (ruleOf({ domain: '', type: 'Einsum' })?.copies?.(laidOut) ?? []).map(({ input }) => input);
}

describe('operands that einsum copies', () => {
  it('are none where batch and heads lie one after another', () => {
    expect(copied('bhid,bhjd->bhij')).toEqual([]);
  });

  it('are those whose heads lie inside the rows', () => {
    // [batch, rows, heads, size] seen as [batch, heads, rows, size]
    expect(copied('bhid,bhjd->bhij', [[60, 5, 15, 1]])).toEqual([0]);
    expect(copied('bhid,bhjd->bhij', [undefined, [90, 5, 15, 1]])).toEqual([1]);
  });

  it('are those whose summed indices cannot be merged', () => {
    expect(copied('bhid,bhjd->bij')).toEqual([0, 1]);
  });

  it('are none where nothing is summed', () => {
    expect(copied('bhid,bhjd->bhidj', [[60, 5, 15, 1]])).toEqual([]);
  });
});
