import { describe, expect, it } from 'vitest';
import {
  dynamicKnapsack,
  greedyKnapsack,
  type KnapsackItem,
} from '../../../../planner-core/planners/baselines/knapsack';
import { FlowNetwork } from '../../../../planner-core/planners/baselines/minimumCut';
import { memoryBudgetSaves } from '../../../../planner-core/planners/baselines/memoryBudget';
import { recomputeOnce } from '../../../../planner-core/planners/baselines/recomputeOnce';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { Phase } from '../../../../planner-core/step/stepGraph';
import { layeredProblem } from '../../support/layeredStep';
import { Random } from '../../support/random';
import { randomProblem } from '../../support/randomProblem';

describe('FlowNetwork', () => {
  it('cuts as little as any division of the vertices does', () => {
    for (let seed = 0; seed < 150; seed++) {
      const random = new Random(seed);
      const count = random.int(2, 7);
      const edges = Array.from({ length: random.int(1, 14) }, () => ({
        from: random.int(0, count - 1),
        to: random.int(0, count - 1),
        capacity: random.int(0, 9),
      })).filter(({ from, to }) => from !== to);
      const network = new FlowNetwork(count);
      for (const { from, to, capacity } of edges) network.edge(from, to, capacity);
      const cutOf = (isSinkSide: (vertex: number) => boolean): number =>
        edges.reduce(
          (sum, { from, to, capacity }) => sum + (!isSinkSide(from) && isSinkSide(to) ? capacity : 0),
          0,
        );
      let least = Infinity;
      for (let choice = 0; choice < 2 ** count; choice++) {
        const isSinkSide = (vertex: number): boolean => ((choice >> vertex) & 1) === 1;
        if (!isSinkSide(0) && isSinkSide(count - 1)) least = Math.min(least, cutOf(isSinkSide));
      }
      const sides = network.sinkSide(0, count - 1);
      expect(sides[0], `seed ${seed}`).toBe(0);
      expect(
        cutOf((vertex) => sides[vertex] === 1),
        `seed ${seed}`,
      ).toBe(least);
    }
  });
});

describe('knapsack', () => {
  const valueOf = (items: readonly KnapsackItem[], kept: Uint8Array): number =>
    items.reduce((sum, { value }, i) => sum + value * kept[i], 0);
  const weightOf = (items: readonly KnapsackItem[], kept: Uint8Array): number =>
    items.reduce((sum, { weight }, i) => sum + weight * kept[i], 0);

  it('by dynamic programming is the best there is; the greedy one fits and is never better', () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed);
      // Weights that rounding leaves alone.
      const items = Array.from({ length: random.int(0, 9) }, () => ({
        weight: random.int(0, 40) / 100,
        value: random.int(1, 30),
      }));
      const capacity = random.int(0, 100) / 100;
      let best = 0;
      for (let choice = 0; choice < 2 ** items.length; choice++) {
        const kept = Uint8Array.from(items, (_, i) => (choice >> i) & 1);
        if (weightOf(items, kept) <= capacity + 1e-9) best = Math.max(best, valueOf(items, kept));
      }
      const exact = dynamicKnapsack(items, capacity);
      expect(valueOf(items, exact), `seed ${seed}`).toBe(best);
      expect(weightOf(items, exact)).toBeLessThanOrEqual(capacity + 1e-9);
      const greedy = greedyKnapsack(items, capacity);
      expect(weightOf(items, greedy)).toBeLessThanOrEqual(capacity + 1e-9);
      expect(valueOf(items, greedy)).toBeLessThanOrEqual(best);
    }
  });
});

describe('memoryBudgetSaves', () => {
  it('keeps less for a smaller fraction, down to nothing, and never more than the default', () => {
    for (let seed = 0; seed < 30; seed++) {
      const context = new PlanningContext(randomProblem(seed, { forwardNodes: 14 }));
      const most = memoryBudgetSaves(context, 1, dynamicKnapsack).savedBytes;
      for (const fraction of [0.8, 0.5, 0.2]) {
        const { savedBytes, saved } = memoryBudgetSaves(context, fraction, dynamicKnapsack);
        expect(savedBytes, `seed ${seed}`).toBeLessThanOrEqual(most);
        expect(saved.some((flag, node) => flag && context.step.nodePhase[node] !== Phase.forward)).toBe(
          false,
        );
      }
      expect(memoryBudgetSaves(context, 0, greedyKnapsack).savedBytes).toBe(0);
    }
  });

  it('computes everything once more when nothing is kept, and nothing when all is', () => {
    const context = new PlanningContext(layeredProblem(4));
    const { step } = context;
    const none = recomputeOnce(context, new Uint8Array(step.nodeCount));
    const again = new Set([...none].filter((_, i) => i % 2 === 1));
    // Backward reads the last activation and, through it, all that is before.
    expect(again.size).toBe(12);
    expect(none.length / 2).toBe(12);
    expect(recomputeOnce(context, new Uint8Array(step.nodeCount).fill(1))).toHaveLength(0);
  });
});
