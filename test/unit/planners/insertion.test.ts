import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../planner-core/base/job';
import { recomputableNodes } from '../../../planner-core/plan/layerIndex';
import { branchRepair } from '../../../planner-core/planners/schedule/branchRepair';
import { insertionGreedy } from '../../../planner-core/planners/schedule/insertionGreedy';
import { InsertionMoves } from '../../../planner-core/planners/schedule/insertionMoves';
import { InsertionState } from '../../../planner-core/planners/schedule/insertionState';
import {
  evictionRules,
  onDemandRecomputations,
  type OnDemandPlan,
} from '../../../planner-core/planners/schedule/onDemand';
import { ruinAndRecreate } from '../../../planner-core/planners/schedule/ruinAndRecreate';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import type { StepGraph } from '../../../planner-core/step/stepGraph';
import { layeredStep } from '../support/layeredStep';
import { Random } from '../support/random';
import { randomDirectives, randomStep } from '../support/randomStep';

const none = new Int32Array(0);
const fixedNodes = (step: StepGraph): Uint8Array => recomputableNodes(step).map((flag) => 1 - flag);
const excess = ({ liveBytes, length }: InsertionState, budget: number): number =>
  liveBytes.slice(0, length).reduce((sum, bytes) => sum + Math.max(0, bytes - budget), 0);
const peakOf = (step: StepGraph, recomputations: Int32Array): number =>
  simulate(step, compileSchedule(step, { ...keepEverything, recomputations })).peakBytes;

/** All a state knows but the time, which is a sum in another order. */
const snapshot = (state: InsertionState): unknown => ({
  live: [...state.liveBytes.slice(0, state.length)],
  peak: [state.peakBytes, state.peakPosition],
  pairs: [...state.recomputations()],
  events: Array.from({ length: state.step.valueCount }, (_, value) =>
    Array.from({ length: state.length }, (_unused, position) => [
      state.lastEventBefore(value, position),
      state.nextUseFrom(value, position),
    ]),
  ),
});

describe('InsertionMoves', () => {
  it('predicts the relief of an insertion exactly', () => {
    let weighed = 0;
    for (let seed = 0; seed < 400; seed++) {
      const step = randomStep(seed, { forwardNodes: 10 });
      const start = randomDirectives(seed, step).recomputations.slice(0, 2 * (seed % 4));
      const state = new InsertionState(step, start, none);
      const budget = Math.floor(state.peakBytes * 0.8);
      const moves = new InsertionMoves(state, fixedNodes(step), budget);
      moves.refresh();
      for (const insertion of moves.all(state.peakPosition)) {
        const predicted = moves.relief(insertion.position, insertion.nodes);
        const after = new InsertionState(step, state.recomputations(), none);
        after.insert(insertion.position, insertion.nodes);
        expect(excess(state, budget) - excess(after, budget), `seed ${seed}`).toBeCloseTo(predicted, 6);
        expect(after.stepTimeMs - state.stepTimeMs).toBeCloseTo(insertion.timeMs, 6);
        weighed++;
      }
    }
    expect(weighed).toBeGreaterThan(500);
  });
});

describe('InsertionState', () => {
  it('gives back the recomputations it was made from, and forgets what is removed', () => {
    for (let seed = 0; seed < 200; seed++) {
      const step = randomStep(seed, { forwardNodes: 8 });
      const { recomputations } = randomDirectives(seed, step);
      const state = new InsertionState(step, recomputations, none);
      expect([...state.recomputations()]).toEqual([...recomputations]);
      expect(state.peakBytes, `seed ${seed}`).toBe(peakOf(step, recomputations));
      state.remove(...state.repeats());
      expect(state.recomputations()).toHaveLength(0);
    }
  });

  it('knows after any changes what a state built anew knows', () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = new Random(seed);
      const step = randomStep(seed, { forwardNodes: 10 });
      const fixed = fixedNodes(step);
      const start = randomDirectives(seed, step).recomputations.slice(0, 6);
      const state = new InsertionState(step, start, none);
      const expectSame = (what: string): void => {
        const anew = new InsertionState(step, state.recomputations(), none);
        expect(snapshot(state), `${what}, seed ${seed}`).toEqual(snapshot(anew));
        expect(state.stepTimeMs).toBeCloseTo(anew.stepTimeMs, 9);
      };
      const before = snapshot(state);
      for (let change = 0; change < 10; change++) {
        const repeats = state.repeats();
        if (repeats.length > 0 && random.chance(0.4)) state.remove(...random.some(repeats, 0.4));
        else {
          const position = random.int(1, state.length - 1);
          // What runs before the position may run again there.
          const earlier = Array.from({ length: position }, (_, at) => state.nodeAt(at));
          const nodes = [...new Set(earlier)].filter((node) => !fixed[node]);
          state.insert(position, random.some(nodes, 0.3));
        }
        expectSame(`change ${change}`);
      }
      state.undoTo(0);
      expect(snapshot(state), `undone, seed ${seed}`).toEqual(before);
    }
  });

  it('does not offer pinned repeats for removal', () => {
    const step = layeredStep(2);
    const pinned = Int32Array.from([10, 0]);
    const state = new InsertionState(step, Int32Array.from([9, 1, 10, 0]), pinned);
    expect(state.repeats().map((position) => state.nodeAt(position))).toEqual([1]);
  });
});

describe('insertionGreedy', () => {
  it('meets the budgets it says it meets, and leaves nothing needless', async () => {
    for (let seed = 0; seed < 150; seed++) {
      const step = randomStep(seed, { forwardNodes: 12 });
      const state = new InsertionState(step, none, none);
      const fixed = fixedNodes(step);
      const budgets = [0.95, 0.9, 0.85, 0.8].map((ratio) => Math.floor(state.peakBytes * ratio));
      let met = 0;
      const failedAt = await insertionGreedy(state, fixed, budgets, uncontrolled, (found, budget) => {
        const recomputations = found.recomputations();
        expect(peakOf(step, recomputations), `seed ${seed}`).toBeLessThanOrEqual(budget);
        for (let i = 1; i < recomputations.length; i += 2) expect(fixed[recomputations[i]]).toBe(0);
        for (const position of found.repeats()) {
          const without = new InsertionState(step, recomputations, none);
          without.remove(position);
          expect(without.peakBytes, `seed ${seed}`).toBeGreaterThan(budget);
        }
        met++;
      });
      expect(failedAt).toBe(met < budgets.length ? budgets[met] : undefined);
    }
  });

  it('recomputes the cheap activations first', async () => {
    const step = layeredStep(4);
    const state = new InsertionState(step, none, none);
    await insertionGreedy(state, fixedNodes(step), [state.peakBytes - 100], uncontrolled, () => undefined);
    const again = [...state.recomputations()]
      .filter((_, i) => i % 2 === 1)
      .map((node) => step.nodeName[node]);
    expect(again.length).toBeGreaterThan(0);
    for (const name of again) expect(name).not.toMatch(/linear/);
  });
});

const unpinned = (step: StepGraph, fixed: Uint8Array, start: Int32Array = none): OnDemandPlan => ({
  fixed,
  start,
  pinned: new Uint8Array(step.nodeCount),
});

describe('onDemandRecomputations', () => {
  it.each(evictionRules)('runs within the budget: %s', async (rule) => {
    let found = 0;
    for (let seed = 0; seed < 200; seed++) {
      const step = randomStep(seed, { forwardNodes: 12 });
      const fixed = fixedNodes(step);
      for (const ratio of [0.95, 0.85, 0.7]) {
        const budget = Math.floor(peakOf(step, none) * ratio);
        const recomputations = await onDemandRecomputations(
          step,
          unpinned(step, fixed),
          budget,
          rule,
          uncontrolled,
        );
        if (!recomputations) continue;
        found++;
        expect(peakOf(step, recomputations), `seed ${seed}`).toBeLessThanOrEqual(budget);
        for (let i = 1; i < recomputations.length; i += 2) expect(fixed[recomputations[i]]).toBe(0);
      }
    }
    expect(found).toBeGreaterThan(50);
  });

  it('mends plans that are over the budget, and leaves those alone that are not', async () => {
    let mended = 0;
    for (let seed = 0; seed < 200; seed++) {
      const step = randomStep(seed, { forwardNodes: 12, oddities: false });
      const fixed = fixedNodes(step);
      const state = new InsertionState(step, none, none);
      await insertionGreedy(state, fixed, [0.9 * state.peakBytes], uncontrolled, () => undefined);
      const start = state.recomputations();
      for (const budget of [state.peakBytes, Math.floor(0.95 * state.peakBytes)]) {
        const plan = unpinned(step, fixed, start);
        const found = await onDemandRecomputations(step, plan, budget, 'cheapest', uncontrolled);
        if (budget === state.peakBytes) expect(found, `seed ${seed}`).toBeDefined();
        if (!found) continue;
        expect(peakOf(step, found), `seed ${seed}`).toBeLessThanOrEqual(budget);
        if (budget < state.peakBytes) mended++;
      }
    }
    expect(mended).toBeGreaterThan(30);
  });

  it('reaches the least possible peak of a chain', async () => {
    const step = layeredStep(8);
    const recomputations = await onDemandRecomputations(
      step,
      unpinned(step, fixedNodes(step)),
      500,
      'cheap-and-late',
      uncontrolled,
    );
    expect(recomputations).toBeDefined();
    expect(peakOf(step, recomputations!)).toBeLessThanOrEqual(500);
  });
});

describe('branchRepair', () => {
  it('meets the budget in less than the limit, or changes nothing', () => {
    let repaired = 0;
    for (let seed = 0; seed < 150; seed++) {
      const step = randomStep(seed, { forwardNodes: 12 });
      const state = new InsertionState(step, none, none);
      const budget = Math.floor(state.peakBytes * 0.9);
      const moves = new InsertionMoves(state, fixedNodes(step), budget);
      const limitMs = state.stepTimeMs + 8;
      const before = snapshot(state);
      if (branchRepair(state, moves, budget, limitMs)) {
        repaired++;
        expect(peakOf(step, state.recomputations()), `seed ${seed}`).toBeLessThanOrEqual(budget);
        expect(state.stepTimeMs, `seed ${seed}`).toBeLessThan(limitMs);
      } else expect(snapshot(state)).toEqual(before);
    }
    expect(repaired).toBeGreaterThan(30);
  });
});

describe('ruinAndRecreate', () => {
  it('never gets slower or over budget, and always finds the same', async () => {
    for (let seed = 0; seed < 25; seed++) {
      const step = randomStep(seed, { forwardNodes: 14, oddities: false });
      const fixed = fixedNodes(step);
      const start = new InsertionState(step, none, none);
      const budget = Math.floor(start.peakBytes * 0.85);
      if ((await insertionGreedy(start, fixed, [budget], uncontrolled, () => undefined)) !== undefined)
        continue;
      const limit = { idleRounds: 20, isOver: () => false };
      const before = start.stepTimeMs;
      const copy = new InsertionState(step, start.recomputations(), none);
      const better = await ruinAndRecreate(start, fixed, budget, limit, uncontrolled);
      expect(new InsertionState(step, better, none).stepTimeMs).toBeLessThanOrEqual(before);
      expect(peakOf(step, better)).toBeLessThanOrEqual(budget);
      const again = await ruinAndRecreate(copy, fixed, budget, limit, uncontrolled);
      expect([...again]).toEqual([...better]);
    }
  });
});
