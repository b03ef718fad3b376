import loadHighs from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { leastAddedWithOffload } from '../../../../planner-core/planners/offload/offloadBound';
import { offloadPlans } from '../../../../planner-core/planners/offload/offloadPlans';
import { proveStall } from '../../../../planner-core/planners/offload/proveStall';
import { HighsEngine } from '../../../../planner-core/solvers/highsEngine';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { exhaustivePaging } from './exhaustivePaging';
import { linkedStep, withLink } from './linkedStep';
import { tinyTraining } from './tinyTraining';

const engine = new HighsEngine(() => loadHighs());
afterAll(() => engine.dispose());

/** The engine's, in shares of the step. */
const tolerance = 1e-5;

const contextOf = (step: StepGraph): PlanningContext => {
  const root = { id: 0, name: '', parent: 0, children: [] };
  const layers = layerIndexOf([root], step);
  return new PlanningContext({ step, layers, pins: [], offload: { memoryBytes: Infinity } });
};

const proven = (step: StepGraph, budgetBytes: number): Promise<number> =>
  proveStall(
    { step, mayRepeat: step.recomputable, budgetBytes, timeLimitS: 60 },
    engine,
    uncontrolled,
    () => undefined,
  );

describe('proveStall', () => {
  it('is never above the best of all plans of tiny steps, and mostly above the bound that needs no program', async () => {
    let positive = 0;
    let stronger = 0;
    for (let seed = 0; seed < 5; seed++) {
      const unitsPerMs = [0.01, 0.2, 1][seed % 3];
      const step = withLink(tinyTraining(seed), seed, {
        unitsPerMs: [unitsPerMs, 2 * unitsPerMs],
        isShared: seed % 2 === 0,
        latencyMs: seed % 4,
      });
      const { stepTimeMs: keepAllMs } = contextOf(step).evaluate(new Int32Array(0));
      for (const { peakBytes, stepTimeMs } of exhaustivePaging(step).all) {
        const boundMs = await proven(step, peakBytes);
        expect(boundMs, `seed ${seed}, ${peakBytes}`).toBeLessThanOrEqual(
          stepTimeMs - keepAllMs + tolerance * keepAllMs,
        );
        positive += Number(boundMs > 0.01);
        stronger += Number(boundMs > 0.01 + leastAddedWithOffload(step, step.recomputable, peakBytes));
      }
    }
    expect(positive).toBeGreaterThan(20);
    expect(stronger).toBeGreaterThan(10);
  });

  it('is never above a plan found, on random steps and links', async () => {
    let positive = 0;
    for (let seed = 0; seed < 24; seed++) {
      const unitsPerMs = [0.05, 0.5, 4][seed % 3];
      const step = linkedStep(seed, { unitsPerMs: [unitsPerMs, unitsPerMs], isShared: seed % 2 === 0 });
      const context = contextOf(step);
      const keepAll = { ...context.evaluate(new Int32Array(0)) };
      const budget = Math.floor(0.75 * keepAll.peakBytes);
      const boundMs = await proven(step, budget);
      positive += Number(boundMs > 0.01);
      const base = { ...keepAll, planner: 'keep all', recomputations: new Int32Array(0) };
      for (const { stepTimeMs } of await offloadPlans(context, [base], budget, uncontrolled))
        expect(stepTimeMs - keepAll.stepTimeMs, `seed ${seed}`).toBeGreaterThanOrEqual(
          boundMs - tolerance * keepAll.stepTimeMs,
        );
    }
    expect(positive).toBeGreaterThan(8);
  });

  it('says when no plan fits, and nothing where everything does', async () => {
    const step = withLink(tinyTraining(1), 1);
    const { peakBytes } = contextOf(step).evaluate(new Int32Array(0));
    expect(await proven(step, 1)).toBe(Infinity);
    expect(await proven(step, peakBytes)).toBe(0);
  });

  it('tells of every higher bound, the last of which is the answer', async () => {
    const step = withLink(tinyTraining(0), 0, { unitsPerMs: [0.01, 0.02] });
    const told: number[] = [];
    const request = { step, mayRepeat: step.recomputable, budgetBytes: 90112, timeLimitS: 60 };
    const answer = await proveStall(request, engine, uncontrolled, (boundMs) => told.push(boundMs));
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(answer);
    expect(answer).toBeGreaterThan(0);
  });
});
