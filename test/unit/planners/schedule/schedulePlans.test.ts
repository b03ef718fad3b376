import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { ParetoPlans, type Candidate } from '../../../../planner-core/planners/paretoPlans';
import { sequenceOfChance } from '../../../../planner-core/planners/schedule/chance';
import { insertionGreedy } from '../../../../planner-core/planners/schedule/insertionGreedy';
import { InsertionState } from '../../../../planner-core/planners/schedule/insertionState';
import { reduceExcess } from '../../../../planner-core/planners/schedule/reduceExcess';
import { collectSchedulePlans } from '../../../../planner-core/planners/schedule/schedulePlans';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { readGraphInstance } from '../../../../planner-core/step/graphInstance';
import { randomStep } from '../../support/randomStep';

const none = new Int32Array(0);
const never = (): boolean => false;
const layersOf = (step: PlanningContext['step']) =>
  layerIndexOf([{ id: 0, name: '', parent: 0, children: [] }], step);

/** Layers of five, with links between neighbours and some far ones: what greedy descents stall on. */
function randomLayers(seed: number): PlanningContext['step'] {
  const chance = sequenceOfChance(seed + 1);
  const count = 50;
  const width = 5;
  const edges: [number, number][] = [];
  for (let node = width; node < count; node++) {
    const first = node - (node % width);
    const near = (): number => first - width + Math.floor(width * chance());
    edges.push([near(), node], [near(), node]);
    if (chance() < 0.3) edges.push([Math.floor(first * chance()), node]);
  }
  const nodes = Array.from({ length: count }, (_, id) => ({
    id,
    name: `n${id}`,
    time_ms: { dev: Math.ceil(100 * chance()) },
    output_bytes: Math.ceil(1000 * chance()),
    param_bytes: 0,
    backward: false,
  }));
  const devices = [{ id: 'dev', kind: 'any', memory_bytes: null }];
  const format = 'dnn-graph-instance/1';
  return readGraphInstance(JSON.stringify({ format, id: 'layers', kind: 'remat', devices, nodes, edges }))
    .step;
}

describe('collectSchedulePlans', () => {
  it('mends a descent that has stalled before it looks elsewhere, and never for the worse', async () => {
    let mended = 0;
    for (let seed = 0; seed < 12; seed++) {
      const step = randomLayers(seed);
      const context = new PlanningContext({ step, layers: layersOf(step), pins: [] });
      const keepAll = context.evaluate(none).peakBytes;
      for (const ratio of [0.7, 0.65, 0.6]) {
        const budget = Math.floor(ratio * keepAll);
        const state = new InsertionState(step, none, none);
        const stalled = await insertionGreedy(state, context.fixed, [budget], uncontrolled, () => undefined);
        const limit = { idleRounds: 40, isOver: never };
        if (stalled === undefined || !(await reduceExcess(state, context.fixed, budget, limit, uncontrolled)))
          continue;
        mended++;
        const heard: Candidate[] = [];
        const pool = await collectSchedulePlans(context, [budget], new ParetoPlans(), uncontrolled, {
          found: (plan) => heard.push(plan),
        });
        const best = pool.under(budget)!;
        expect(best, `seed ${seed}`).toBeDefined();
        expect(best.stepTimeMs).toBe(Math.min(...heard.map(({ stepTimeMs }) => stepTimeMs)));
        expect(best.stepTimeMs).toBeLessThanOrEqual(state.stepTimeMs);
        const directives = { ...keepEverything, recomputations: best.recomputations };
        expect(simulate(step, compileSchedule(step, directives)).peakBytes).toBe(best.peakBytes);
      }
    }
    expect(mended).toBeGreaterThan(3);
  });

  it('ends a descent in vain only where the curve has a plan as good', async () => {
    const step = randomStep(7, { forwardNodes: 280, oddities: false });
    expect(step.nodeCount).toBeGreaterThan(500);
    const context = new PlanningContext({ step, layers: layersOf(step), pins: [] });
    const keepAll = context.evaluate(none).peakBytes;
    const budgets = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7].map((ratio) => Math.floor(ratio * keepAll));
    const afresh = await collectSchedulePlans(context, budgets, new ParetoPlans(), uncontrolled);
    const again = await collectSchedulePlans(context, budgets, afresh, uncontrolled);
    for (const budget of budgets) {
      const known = afresh.under(budget);
      if (known) expect(again.under(budget)!.stepTimeMs).toBeLessThanOrEqual(known.stepTimeMs);
    }
  });
});
