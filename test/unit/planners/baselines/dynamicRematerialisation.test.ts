import { describe, expect, it } from 'vitest';
import { dynamicRematerialisation } from '../../../../planner-core/planners/baselines/dynamicRematerialisation';
import {
  EvictedClasses,
  EvictedNeighbourhood,
  evictionScores,
  ValueNeighbours,
} from '../../../../planner-core/planners/baselines/evictionScores';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { recomputableNodes } from '../../../../planner-core/plan/layerIndex';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { layeredStep } from '../../support/layeredStep';
import { Random } from '../../support/random';
import { randomProblem } from '../../support/randomProblem';
import { randomStep } from '../../support/randomStep';

const enough = 1e9;
const fixedOf = (step: StepGraph): Uint8Array => recomputableNodes(step).map((flag) => 1 - flag);

describe('dynamicRematerialisation', () => {
  it.each(evictionScores)('stays under its budget, or says that it cannot: %s', (score) => {
    let answered = 0;
    for (let seed = 0; seed < 60; seed++) {
      const context = new PlanningContext(randomProblem(seed, { forwardNodes: 12, oddities: false }));
      const { step, fixed } = context;
      const keepAll = context.evaluate(new Int32Array(0)).peakBytes;
      for (const ratio of [1, 0.9, 0.75]) {
        const budget = ratio * keepAll;
        const pairs = dynamicRematerialisation(step, fixed, budget, score, enough);
        if (!pairs) continue;
        answered++;
        expect(context.evaluate(pairs).peakBytes, `seed ${seed}`).toBeLessThanOrEqual(budget);
        for (let i = 1; i < pairs.length; i += 2) expect(fixed[pairs[i]]).toBe(0);
        if (ratio === 1) expect(pairs).toHaveLength(0);
      }
    }
    expect(answered).toBeGreaterThan(80);
  });

  it('gives up what its score says', () => {
    // Forward results of 100 bytes each: linear (8 ms), norm and act (1 ms); all are needed again but the first.
    const step = layeredStep(3);
    const fixed = fixedOf(step);
    const peak = 1100;
    const again = (score: (typeof evictionScores)[number]): string[] => {
      const pairs = dynamicRematerialisation(step, fixed, peak - 250, score, enough)!;
      return [...pairs].filter((_, i) => i % 2 === 1).map((node) => step.nodeName[node]);
    };
    const timeOf = (names: readonly string[]): number =>
      names.reduce((sum, name) => sum + step.durationMs[step.nodeName.indexOf(name)], 0);
    // The oldest is the dearest here: scores that ask for the price do better.
    expect(again('LRU')[0]).toBe('/layers.0/linear');
    expect(timeOf(again('h_DTR'))).toBeLessThan(timeOf(again('LRU')));
    expect(timeOf(again('h_DTR eq'))).toBeLessThan(timeOf(again('LRU')));
  });

  it('gives up when there is no room, and when it would take too long', () => {
    const step = layeredStep(8);
    const fixed = fixedOf(step);
    expect(dynamicRematerialisation(step, fixed, 350, 'LRU', enough)).toBeUndefined();
    expect(dynamicRematerialisation(step, fixed, 1500, 'h_DTR', enough)).toBeDefined();
    expect(dynamicRematerialisation(step, fixed, 1500, 'h_DTR', 10)).toBeUndefined();
  });
});

describe('neighbourhoods', () => {
  /** e* by definition: evicted values reached through evicted ones, upwards and downwards. */
  function neighbourhoodMs(
    { parents, children, ownMs }: ValueNeighbours,
    evicted: Set<number>,
    value: number,
  ) {
    const reach = (ways: ValueNeighbours['parents']): Set<number> => {
      const found = new Set<number>();
      const visit = (from: number): void => {
        for (const other of ways[from])
          if (evicted.has(other) && !found.has(other)) {
            found.add(other);
            visit(other);
          }
      };
      visit(value);
      return found;
    };
    const sum = (values: Set<number>): number => [...values].reduce((ms, other) => ms + ownMs[other], 0);
    return ownMs[value] + sum(reach(parents)) + sum(reach(children));
  }

  it('cost what their definition says after any evictions and returns', () => {
    for (let seed = 0; seed < 100; seed++) {
      const step = randomStep(seed, { forwardNodes: 12 });
      const neighbours = new ValueNeighbours(
        step,
        Uint8Array.from(step.producer, (node) => Number(node >= 0)),
      );
      const random = new Random(seed);
      const exact = new EvictedNeighbourhood(neighbours);
      const classes = new EvictedClasses(neighbours);
      const made = [...step.producer.keys()].filter((value) => step.producer[value] >= 0);
      const evicted = new Set<number>();
      let returned = false;
      for (let turn = 0; turn < 40; turn++) {
        const value = random.pick(made);
        if (evicted.delete(value)) {
          returned = true;
          for (const cost of [exact, classes]) cost.returned(value);
        } else {
          evicted.add(value);
          for (const cost of [exact, classes]) cost.evicted(value);
        }
        const asked = random.pick(made);
        if (evicted.has(asked)) continue;
        const ms = neighbourhoodMs(neighbours, evicted, asked);
        for (const cost of [exact, classes]) cost.refresh(asked);
        expect(exact.costMs[asked], `seed ${seed}`).toBeCloseTo(ms, 9);
        // A class holds the evicted neighbours, and what else they touch.
        if (!returned) expect(classes.costMs[asked]).toBeGreaterThanOrEqual(ms - 1e-9);
      }
    }
  });
});
