import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { formatMemory } from '../../../planner-core/base/format';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { strategies } from '../../../planner-core/plan/plan';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { parsePlan } from '../../../planner-core/plan/readPlan';
import { planText } from '../../../planner-core/plan/writePlan';
import { pointAtBudget } from '../../../planner-core/planners/frontier';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../planner-core/simulator/simulate';

const samples = path.resolve(import.meta.dirname, '../../../samples');
const open = (name: string): PlannerSession =>
  PlannerSession.open(new MemoryByteSource(readFileSync(path.join(samples, name))), name);
const inputsOf = (session: PlannerSession, changes: Partial<PlanInputs> = {}): PlanInputs => {
  const base = session.defaultInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * 2 ** 30 }]);
  const workload = { ...base.workload, dims: { batch: 4, height: 64, width: 64 } };
  return { ...base, workload, ...changes };
};

describe('a session on ResNet-50', () => {
  let session: PlannerSession;
  beforeAll(() => {
    session = open('resnet50.train.onnx');
  });

  test('knows the model: parameters as PyTorch counts them, named dimensions, nothing unprofiled', () => {
    const { summary } = session;
    expect(summary.parameterCount).toBe(25_557_032);
    expect(summary.dims.map((dim) => dim.name)).toEqual(['batch', 'height', 'width']);
    expect(summary.unprofiledOperators).toEqual([]);
    expect(summary.outputs[0].shape).toEqual(['batch', 1000]);
  });

  test('rows of the layer tree add up to the totals', () => {
    const view = session.configure(inputsOf(session));
    const tops = view.layers.filter((row) => row.parent < 0);
    const sum = (pick: (row: (typeof tops)[number]) => number): number =>
      tops.reduce((total, row) => total + pick(row), 0);
    expect(sum((row) => row.savedBytes)).toBe(view.savedBytes);
    expect(sum((row) => row.parameterBytes)).toBe(view.parameterBytes);
    expect(sum((row) => row.macs)).toBe(view.macs);
    for (const row of view.layers) expect(row.parent).toBeLessThan(row.id);
  });

  test('profile under every-block keeps less and peaks lower than without', () => {
    const inputs = inputsOf(session, {
      workload: { ...inputsOf(session).workload, dims: { batch: 64, height: 224, width: 224 } },
    });
    const none = session.profile(inputs, 'none');
    const blocks = session.profile(inputs, 'every-block');
    expect(none.peakBytes).toBe(session.configure(inputs).keepAllPeakBytes);
    expect(blocks.savedBytes).toBeLessThan(none.savedBytes / 2);
    expect(blocks.peakBytes).toBeLessThan(none.peakBytes);
    expect(blocks.stepTimeMs).toBeGreaterThan(none.stepTimeMs);
    expect(Math.max(...none.timeline.map((entry) => entry.liveBytes))).toBe(none.peakBytes);
  });

  test.each(['nonsense', 'layer1.0,layer9'])('checkpoint rule %j names what does not exist', (rule) => {
    expect(() => session.profile(inputsOf(session), rule)).toThrow(
      expect.objectContaining({ code: 'unknown-module' }),
    );
  });

  test.each(strategies)(
    'a %s plan meets its budget, passes its own check and is the same every time',
    async (strategy) => {
      const base = inputsOf(session, { strategy });
      const { keepAllPeakBytes } = session.configure(base);
      const inputs = { ...base, budgetBytes: Math.floor(keepAllPeakBytes * 0.97) };
      const { plan, directives, infeasible } = await session.plan(inputs);
      expect(infeasible).toBeUndefined();
      expect(plan.prediction.peakBytes).toBeLessThanOrEqual(inputs.budgetBytes);
      expect(plan.prediction.lowerBoundPercent).toBeLessThanOrEqual(plan.prediction.overheadPercent);
      const { step } = session.configure(inputs);
      expect(simulate(step, compileSchedule(step, directives)).peakBytes).toBe(plan.prediction.peakBytes);

      const text = planText(plan);
      expect(planText((await open('resnet50.train.onnx').plan(inputs)).plan)).toBe(text);
      const read = parsePlan(text);
      expect(planText(read)).toBe(text);
      expect(() => session.check(read)).not.toThrow();
      expect(session.readPlan(text)).toMatchObject({ stale: false, inputs: { strategy, pins: [] } });

      const changed = { ...read, prediction: { ...read.prediction, peakBytes: 1 } };
      expect(() => session.check(changed)).toThrow(expect.objectContaining({ code: 'check-failed' }));
      const other = { ...read, model: { ...read.model, fingerprint: 'another' } };
      expect(() => session.check(other)).toThrow(expect.objectContaining({ code: 'stale-plan' }));
    },
  );

  test('pins are in the plan and stay as they are', async () => {
    const pins = [
      { target: 'layer1.0', kind: 'module', choice: 'keep', pinned: true },
      { target: 'layer2.1', kind: 'module', choice: 'recompute', pinned: true },
    ] as const;
    const base = inputsOf(session, { pins });
    const budgetBytes = Math.floor(session.configure(base).keepAllPeakBytes * 0.98);
    const { plan } = await session.plan({ ...base, budgetBytes });
    expect(plan.decisions).toEqual(expect.arrayContaining([...pins]));
    expect(plan.decisions.filter((d) => d.target.startsWith('layer1.0') && d.choice === 'recompute')).toEqual(
      [],
    );
    expect(session.readPlan(planText(plan)).inputs.pins).toEqual(pins);
  });

  test('a budget below the floor is refused with the operator in the way', async () => {
    const { infeasible, plan } = await session.plan(inputsOf(session, { budgetBytes: 2 ** 20 }));
    // What can be had is said before what is proven.
    const { peakBytes } = plan.prediction;
    expect(peakBytes).toBeGreaterThan(infeasible!.leastBytes);
    expect(infeasible?.message).toContain(
      `No plan fits 1.00 MiB: the least found needs ${formatMemory(peakBytes)}, and none can need less than ` +
        `${formatMemory(infeasible!.leastBytes)}, because of operator`,
    );
    expect(infeasible?.message).toContain(infeasible!.node);
  });

  test('the frontier is sorted, not dominated, and never below what is proven', async () => {
    const inputs = inputsOf(session);
    const frontier = await session.frontier(inputs);
    for (const strategy of strategies) {
      const points = frontier.strategies[strategy];
      expect(points.length).toBeGreaterThan(1);
      points.forEach((point, i) => {
        expect(point.peakBytes).toBeGreaterThanOrEqual(frontier.floorBytes);
        expect(point.lowerBoundPercent).toBeLessThanOrEqual(point.overheadPercent + 1e-9);
        if (i === 0) return;
        expect(point.peakBytes).toBeGreaterThan(points[i - 1].peakBytes);
        expect(point.stepTimeMs).toBeLessThan(points[i - 1].stepTimeMs);
      });
      expect(pointAtBudget(points, Infinity)?.overheadPercent).toBeCloseTo(0);
      expect(pointAtBudget(points, frontier.floorBytes - 1)).toBeUndefined();
    }
    expect(frontier.baselines.map((point) => point.name)).toEqual(
      expect.arrayContaining(['keep all', 'every block', 'every 2nd block', '√n', 'recompute all']),
    );
  });

  test.each(strategies)(
    'a %s plan is never slower than what the frontier shows at its budget',
    async (strategy) => {
      const inputs = inputsOf(session, { strategy });
      const { strategies: found } = await session.frontier(inputs);
      for (const share of [0.99, 0.97, 0.95]) {
        const budgetBytes = Math.floor(session.configure(inputs).keepAllPeakBytes * share);
        const shown = pointAtBudget(found[strategy], budgetBytes);
        const { plan } = await session.plan({ ...inputs, budgetBytes });
        if (shown) expect(plan.prediction.stepTimeMs).toBeLessThanOrEqual(shown.stepTimeMs + 1e-9);
      }
    },
  );

  test('a time limit ends the search, not the plan', async () => {
    const fresh = open('resnet50.train.onnx');
    const inputs = inputsOf(fresh);
    const budgetBytes = Math.floor(fresh.configure(inputs).keepAllPeakBytes * 0.97);
    const { plan } = await fresh.plan({ ...inputs, budgetBytes }, { timeLimitS: 1e-9 });
    expect(plan.prediction.peakBytes).toBeLessThanOrEqual(budgetBytes);
  });

  test('exports name their columns and draw every band', async () => {
    const { plan } = await session.plan(inputsOf(session));
    const csv = session.export(plan, 'timeline-csv').files[0].text.split('\r\n');
    expect(csv[0]).toContain('node,module,phase,recomputed,start_ms,end_ms,live_bytes');
    expect(csv.length).toBeGreaterThan(300);
    const svg = session.export(plan, 'timeline-svg').files[0].text;
    expect(svg.match(/<path fill=/g)).toHaveLength(7);
    expect(session.export(plan, 'plan-json').files[0].text).toBe(planText(plan));
  });
});

test('module names of every sample with scopes lead to checkpoint blocks', () => {
  for (const [name, blocks] of [
    ['gpt2_small.train.onnx', 12],
    ['bert_base.train.onnx', 12],
    ['resnet50.train.onnx', 16],
    ['llama_8l_d1024.train.onnx', 8],
  ] as const) {
    const session = open(name);
    const inputs = { ...inputsOf(session), workload: { ...inputsOf(session).workload, dims: {} } };
    const none = session.profile(inputs, 'none');
    const every = session.profile(inputs, 'every-block');
    expect(every.savedBytes, name).toBeLessThan(none.savedBytes);
    const again = every.timeline.length - none.timeline.length;
    expect(again, name).toBeGreaterThan(blocks);
  }
});
