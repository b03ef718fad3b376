import loadHighs from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { leastAddedWithOffload } from '../../../../planner-core/planners/offload/offloadBound';
import { offloadPlans } from '../../../../planner-core/planners/offload/offloadPlans';
import { proveStall } from '../../../../planner-core/planners/offload/proveStall';
import { groupedStep, type GroupedStep } from '../../../../planner-core/planners/packs/groupedStep';
import { packPlans } from '../../../../planner-core/planners/packs/packPlans';
import { packRecomputations } from '../../../../planner-core/planners/packs/packRecomputations';
import { packsOfLayers } from '../../../../planner-core/planners/packs/packsOfLayers';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { keepEverything, Op } from '../../../../planner-core/simulator/schedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { HighsEngine } from '../../../../planner-core/solvers/highsEngine';
import { repeatPasses } from '../../../../planner-core/step/accumulation';
import { Phase, ValueKind, type StepGraph } from '../../../../planner-core/step/stepGraph';
import { Random } from '../../support/random';
import { trainingStep } from '../../support/trainingStep';

const engine = new HighsEngine(() => loadHighs());
afterAll(() => engine.dispose());

const layers = 6;
const microBatches = 4;

/** One micro-batch of a chain of layers whose gradients accumulate, on one device, with the times of all. */
function accumulating(seed: number): { step: StepGraph; layerOfNode: Int32Array } {
  const whole = trainingStep(seed, layers);
  const isGradient = whole.valueKind.map((kind) => Number(kind === ValueKind.parameterGradient));
  // What made a gradient adds to it.
  const rows = Array.from({ length: whole.nodeCount }, (_, node) => {
    const row = (name: 'outputs' | 'updates'): number[] => [
      ...whole[name].items.subarray(whole[name].offsets[node], whole[name].offsets[node + 1]),
    ];
    const outputs = row('outputs');
    return {
      outputs: outputs.filter((value) => !isGradient[value]),
      updates: [...row('updates'), ...outputs.filter((value) => isGradient[value])],
    };
  });
  const packed = (lists: readonly number[][]): StepGraph['inputs'] => ({
    offsets: Int32Array.from([0, ...lists.map((_, i) => lists.slice(0, i + 1).flat().length)]),
    items: Int32Array.from(lists.flat()),
  });
  const random = new Random(seed);
  const one: StepGraph = {
    ...whole,
    devices: ['gpu'],
    outputs: packed(rows.map(({ outputs }) => outputs)),
    updates: packed(rows.map(({ updates }) => updates)),
    producer: whole.producer.map((node, value) => (isGradient[value] ? -1 : node)),
    residentAtStart: whole.residentAtStart.map((flag, value) => flag | isGradient[value]),
    // Worth a transfer each.
    valueBytes: whole.valueBytes.map((bytes) => 4096 * bytes),
    workspaceBytes: whole.workspaceBytes.map((bytes) => 4096 * bytes),
    durationMs: whole.durationMs.slice(0, whole.nodeCount),
    linkBytesPerMs: Float64Array.of(0, 4096 * random.int(1, 9), 4096 * random.int(1, 9), 0),
    linkLatencyMs: Float64Array.of(0, 0.1, 0.1, 0),
    linkChannel: Int32Array.of(-1, 0, 1, -1),
  };
  const layerOfNode = Int32Array.from(one.nodeName, (name) => {
    const match = /^n(\d+)/.exec(name);
    return match ? Number(match[1]) : layers - 1;
  });
  return { step: repeatPasses(one, microBatches), layerOfNode };
}

function randomGrouped(seed: number, groupSize: number): GroupedStep {
  const { step, layerOfNode } = accumulating(seed);
  const random = new Random(seed + 5);
  const firsts = [0, ...random.some([1, 2, 3, 4, 5], 0.4)].sort((a, b) => a - b);
  return groupedStep(step, packsOfLayers(step, layerOfNode, firsts, layers), microBatches, groupSize);
}

const totalMs = (step: StepGraph): number => step.durationMs.reduce((sum, ms) => sum + ms, 0);

const contextOf = (step: StepGraph): PlanningContext => {
  const root = { id: 0, name: '', parent: 0, children: [] };
  return new PlanningContext({
    step,
    layers: layerIndexOf([root], step),
    pins: [],
    offload: { memoryBytes: Infinity },
  });
};

describe('a step in packs', () => {
  it('computes every micro-batch of a group, each pack for all before the next', () => {
    for (let seed = 0; seed < 30; seed++) {
      for (const groupSize of [1, 2, 4]) {
        const { step: base } = accumulating(seed);
        const { step, order, packs } = randomGrouped(seed, groupSize);
        const optimizer = base.nodePhase.filter((phase) => phase === Phase.optimizer).length;
        expect(order.length).toBe((base.nodeCount - optimizer) * groupSize + optimizer);
        // All micro-batches of all groups take what they took, in whatever order.
        expect(totalMs(step)).toBeCloseTo(totalMs(base), 6);
        const { stepTimeMs, transferBytes } = simulate(step, compileSchedule(step, keepEverything));
        expect([stepTimeMs, transferBytes]).toEqual([expect.closeTo(totalMs(base), 6), 0]);
        for (let pack = 0; pack + 1 < packs.length; pack++) {
          const last = order.findLastIndex(
            (own, node) => own.pack === pack && step.nodePhase[node] === Phase.forward,
          );
          const next = order.findIndex((own) => own.pack === pack + 1);
          expect(next, `seed ${seed}`).toBeGreaterThan(last);
        }
      }
    }
  });

  it('is the step as it was where all is one pack', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { step, layerOfNode } = accumulating(seed);
      const { peakBytes } = simulate(step, compileSchedule(step, keepEverything));
      for (const groupSize of [1, 2, 4]) {
        const packs = packsOfLayers(step, layerOfNode, [0], layers);
        const grouped = groupedStep(step, packs, microBatches, groupSize).step;
        const extraInputs = (groupSize - 1) * step.valueBytes[0];
        const peak = simulate(grouped, compileSchedule(grouped, keepEverything)).peakBytes;
        expect(peak, `seed ${seed}`).toBeLessThanOrEqual(peakBytes + extraInputs);
        if (groupSize === 1) expect(peak).toBe(peakBytes);
      }
    }
  });

  it('brings each parameter in at most once a group, forward and back, and keeps the budget', async () => {
    let fetched = 0;
    let groups = 0;
    for (let seed = 0; seed < 25; seed++) {
      const { step, layerOfNode } = accumulating(seed);
      const keepAll = simulate(step, compileSchedule(step, keepEverything)).peakBytes;
      for (const share of [0.8, 0.6]) {
        const cuts = [[0], [0, 3], [0, 2, 4]];
        const budget = Math.floor(share * keepAll);
        const choices = { step, layerOfNode, layerCount: layers, microBatches, cuts, groupSizes: [1, 2, 4] };
        for (const { grouped, plan } of await packPlans(
          { ...choices, hostBytes: Infinity },
          budget,
          uncontrolled,
        )) {
          const own = grouped.step;
          const directives = { ...keepEverything, ...plan.paging, recomputations: plan.recomputations };
          const schedule = compileSchedule(own, directives);
          const { peakBytes, stepTimeMs, timing } = simulate(own, schedule);
          expect(peakBytes, `seed ${seed}`).toBeLessThanOrEqual(budget);
          expect(stepTimeMs).toBe(plan.stepTimeMs);
          for (const busyMs of timing?.channelBusyMs ?? [])
            expect(busyMs).toBeLessThanOrEqual(stepTimeMs + 1e-9);
          const comes = new Map<number, number>();
          for (let entry = 0; entry < schedule.length; entry++)
            if (schedule.op[entry] === Op.copy && schedule.from[entry] < 0)
              comes.set(schedule.subject[entry], (comes.get(schedule.subject[entry]) ?? 0) + 1);
          for (const [value, times] of comes)
            expect(times, own.valueName[value]).toBeLessThanOrEqual(own.residentAtStart[value] ? 3 : 1);
          fetched += comes.size;
          groups += Number(grouped.groupSize > 1 && comes.size > 0);
        }
      }
    }
    expect(fetched).toBeGreaterThan(100);
    expect(groups).toBeGreaterThan(20);
  });

  it('computes again only what backward needs, and enough of it', () => {
    let saved = 0;
    for (let seed = 0; seed < 40; seed++) {
      const grouped = randomGrouped(seed, 2);
      const recomputations = packRecomputations(grouped);
      const kept = simulate(grouped.step, compileSchedule(grouped.step, keepEverything));
      // The simulator refuses a computation whose inputs are not there.
      const again = simulate(
        grouped.step,
        compileSchedule(grouped.step, { ...keepEverything, recomputations }),
      );
      const extraMs = [...recomputations].reduce(
        (sum, node, i) => sum + (i % 2 ? grouped.step.durationMs[node] : 0),
        0,
      );
      expect(again.stepTimeMs).toBeCloseTo(kept.stepTimeMs + extraMs, 6);
      saved += Number(again.peakBytes < kept.peakBytes);
    }
    expect(saved).toBeGreaterThan(10);
  });
});

describe('gradients of earlier passes', () => {
  it('may leave, and no plan is faster than what is proven', async () => {
    let left = 0;
    for (let seed = 0; seed < 16; seed++) {
      const { step } = accumulating(seed);
      const context = contextOf(step);
      const keepAll = context.evaluate(new Int32Array(0));
      const [keepAllMs, peakBytes] = [keepAll.stepTimeMs, keepAll.peakBytes];
      const budgetBytes = Math.floor((seed % 2 ? 0.65 : 0.5) * peakBytes);
      const base = {
        peakBytes,
        stepTimeMs: keepAllMs,
        planner: 'keep all',
        recomputations: new Int32Array(0),
      };
      const plans = await offloadPlans(context, [base], budgetBytes, uncontrolled);
      const request = { step, mayRepeat: step.recomputable, budgetBytes, timeLimitS: 60 };
      const bounds = [
        leastAddedWithOffload(step, step.recomputable, budgetBytes),
        plans.length > 0 ? await proveStall(request, engine, uncontrolled, () => undefined) : 0,
      ];
      for (const { stepTimeMs, paging } of plans) {
        for (const boundMs of bounds)
          expect(stepTimeMs - keepAllMs, `seed ${seed}`).toBeGreaterThanOrEqual(boundMs - 1e-5 * keepAllMs);
        left += [...paging!.offloads].filter(
          (value) => step.valueKind[value] === ValueKind.parameterGradient,
        ).length;
      }
    }
    expect(left).toBeGreaterThan(5);
  });
});
