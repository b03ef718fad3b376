import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { offloadPlans } from '../../../../planner-core/planners/offload/offloadPlans';
import type { OffloadMeans } from '../../../../planner-core/planners/problem';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { linkedStep } from './linkedStep';

function contextOf(step: StepGraph, means?: OffloadMeans): PlanningContext {
  const root = { id: 0, name: '', parent: 0, children: [] };
  const offload = { memoryBytes: Infinity, meansOf: () => means };
  return new PlanningContext({ step, layers: layerIndexOf([root], step), pins: [], offload });
}

/** Sends away values with an even number only, and asks for them back before every third computation. */
const meansOf = ({ nodeCount }: StepGraph): OffloadMeans => ({
  mayLeave: (value) => value % 2 === 0,
  returnMoments: () =>
    Int32Array.from({ length: nodeCount }, (_, node) => node).filter((node) => node % 3 === 0),
  carried: (_, paging) => ({
    ...paging,
    fetches: Int32Array.from(
      pairsOf(paging.fetches)
        .filter(([base]) => base % 3 === 0)
        .flat(),
    ),
  }),
});

const pairsOf = (pairs: Int32Array | undefined): [base: number, value: number][] =>
  Array.from({ length: (pairs?.length ?? 0) / 2 }, (_, i) => [pairs![2 * i], pairs![2 * i + 1]]);

const basesOf = (context: PlanningContext) => [
  { ...context.planned('keep all', new Int32Array(0), []), recomputations: new Int32Array(0) },
];

describe('plans with means of their own', () => {
  it('send away only what the means can, when they can, and keep the budget', async () => {
    let paged = 0;
    let asked = 0;
    for (let seed = 0; seed < 120; seed++) {
      const step = linkedStep(seed);
      const means = meansOf(step);
      const context = contextOf(step, means);
      const [base] = basesOf(context);
      const budget = Math.floor(0.85 * base.peakBytes);
      const free = await offloadPlans(context, [base], budget, uncontrolled);
      const plans = await offloadPlans(context, [base], budget, uncontrolled, { strategy: 'selective' });
      const carried = plans.filter(({ paging }) =>
        [...paging!.offloads].every((value) => means.mayLeave(value)),
      );
      // Without a plan that the means apply there are those that they apply in part.
      if (carried.length === 0) expect(plans.length, `seed ${seed}`).toBe(free.length);
      else expect(carried, `seed ${seed}`).toHaveLength(plans.length);
      for (const { paging, peakBytes } of carried) {
        expect(peakBytes, `seed ${seed}`).toBeLessThanOrEqual(budget);
        for (const [before] of pairsOf(paging!.fetches)) expect(before % 3).toBe(0);
        paged++;
        asked += pairsOf(paging!.fetches).length;
      }
    }
    expect(paged).toBeGreaterThan(20);
    expect(asked).toBeGreaterThan(10);
  });

  it('choose again when the means take more than was planned', async () => {
    let rounds = 0;
    for (let seed = 0; seed < 60; seed++) {
      const step = linkedStep(seed);
      let tries = 0;
      // All comes back with the first computation of backward: far too early.
      const early: OffloadMeans = {
        mayLeave: () => true,
        returnMoments: () => Int32Array.of(0),
        carried: (_, paging) => {
          tries++;
          const back = pairsOf(paging.fetches).map(([, value]) => value);
          return {
            ...paging,
            fetches: Int32Array.from(back.flatMap((value) => [step.nodeCount >> 1, value])),
          };
        },
      };
      const context = contextOf(step, early);
      const [base] = basesOf(context);
      const budget = Math.floor(0.85 * base.peakBytes);
      await offloadPlans(context, [base], budget, uncontrolled, { strategy: 'selective' });
      rounds = Math.max(rounds, tries);
    }
    // Three ways to choose, more than once each.
    expect(rounds).toBeGreaterThan(3);
  });

  it('leave what a person wants away to leave', async () => {
    let pinned = 0;
    for (let seed = 0; seed < 60; seed++) {
      const step = linkedStep(seed);
      const bare = contextOf(step);
      const [base] = basesOf(bare);
      const budget = Math.floor(0.85 * base.peakBytes);
      const [plan] = await offloadPlans(bare, [base], budget, uncontrolled);
      const value = plan?.paging?.offloads.find((id) => step.producer[id] >= 0);
      if (value === undefined) continue;
      const target = step.nodeName[step.producer[value]];
      const { layers, offload } = bare.problem;
      const context = new PlanningContext({
        ...{
          step,
          layers,
          offload: { ...offload!, meansOf: () => ({ ...meansOf(step), mayLeave: () => false }) },
        },
        pins: [{ target, kind: 'operator', choice: 'offload', pinned: true }],
      });
      const plans = await offloadPlans(context, basesOf(context), budget, uncontrolled, {
        strategy: 'selective',
      });
      for (const { paging } of plans) if (paging) expect([...paging.offloads]).toContain(value);
      pinned += plans.length;
    }
    expect(pinned).toBeGreaterThan(5);
  });
});
