import { describe, expect, it } from 'vitest';
import type { ValueChoice } from '../../../../planner-core/session/offload/offloadView';
import { cheaperWay, swapCosts, swapText } from '../../../../webview/layers/swapCosts';
import { someOffload } from '../offload/sample';
import { sampleState, viewOf } from '../support/sample';

const { step: model } = viewOf(await sampleState());
if (!model) throw new Error('the sample has no step');
const { tree } = model;
const [first, second] = tree.layers.filter(
  ({ kind, parent }) => kind === 'operator' && tree.layers[parent]?.name === 'transformer.h.1.mlp',
);
const value = (target: string, recomputeMs: number | undefined, exposedMs: number): ValueChoice => ({
  ...{ value: target, target, kind: 'activation', bytes: 1000, choice: 'keep', windowMs: 5 },
  ...{ recomputeMs, transferMs: 4, backMs: 2, fromMs: 10, untilMs: 15, exposedMs },
});

describe('what it costs to do without what a layer keeps', () => {
  it('is that of its values, and for a module that of all in it', () => {
    const costs = swapCosts(tree, someOffload([value(first.name, 1, 0.5), value(second.name, 2, 3)]));
    expect(costs[first.id]).toEqual({ bytes: 1000, recomputeMs: 1, offloadMs: 0.5, transferMs: 4 });
    expect(costs[first.parent]).toEqual({ bytes: 2000, recomputeMs: 3, offloadMs: 3, transferMs: 8 });
    expect(costs.filter(Boolean).length).toBeLessThan(tree.layers.length / 2);
  });

  it('counts what one link cannot carry in time for a whole module', () => {
    // Six ways back of 2 ms each, in the 5 ms that there are.
    const many = Array.from({ length: 6 }, () => value(first.name, 1, 0));
    expect(swapCosts(tree, someOffload(many))[first.parent]).toMatchObject({ transferMs: 24, offloadMs: 7 });
  });

  it('has no price to recompute where a part cannot be, in whatever order they come', () => {
    for (const values of [
      [value(first.name, undefined, 0), value(second.name, 2, 0)],
      [value(second.name, 2, 0), value(first.name, undefined, 0)],
    ])
      expect(swapCosts(tree, someOffload(values))[first.parent]?.recomputeMs).toBeUndefined();
  });

  it('leaves state aside, and what the model does not have', () => {
    const state = { ...value(first.name, 1, 1), kind: 'state' as const };
    expect(swapCosts(tree, someOffload([state, value('nowhere', 1, 1)])).some(Boolean)).toBe(false);
  });

  it('says which way is cheaper, and both in words', () => {
    const cost = { bytes: 2 ** 20, recomputeMs: 1, offloadMs: 0, transferMs: 4 };
    expect(cheaperWay(cost)).toBe('offload');
    expect(cheaperWay({ ...cost, offloadMs: 2 })).toBe('recompute');
    expect(cheaperWay({ ...cost, offloadMs: 1 })).toBeUndefined();
    expect(cheaperWay({ ...cost, recomputeMs: undefined, offloadMs: 9 })).toBe('offload');
    expect(swapText(cost)).toBe(
      '1.00 MiB: takes 1.00 ms to compute again. Its transfers take 4.00 ms, all of which its window can hide.',
    );
  });
});
