import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import type { Plan } from '../../../../planner-core/plan/plan';
import { applyEdit, type PlanInputs } from '../../../../planner-core/plan/planInputs';
import { asOnePlan, planForSize, type SizedPlan } from '../../../../planner-core/plan/sizePlan';
import { parsePlan } from '../../../../planner-core/plan/readPlan';
import { planText } from '../../../../planner-core/plan/writePlan';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import { evaluate } from '../../../../planner-core/planners/input-sizes/quadraticFit';
import { samples } from '../../formats/support';

const file = 'tiny_transformer.train.pt2';
const open = (): PlannerSession =>
  PlannerSession.open(new MemoryByteSource(readFileSync(path.join(samples, file))), file);

const sizes = { text: '4:10 8:20 12:30 16:10 20:4 24:2 32:1' };

/** A budget between what the smallest and the largest size need. */
function inputsOf(session: PlannerSession, part: number, changes: Partial<PlanInputs> = {}): PlanInputs {
  const inputs = session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * 1024 ** 3 }]);
  const at = (seq: number): PlanInputs => ({
    ...inputs,
    ...changes,
    workload: { ...inputs.workload, dims: { batch: 8, seq } },
  });
  const [least, most] = [4, 32].map((seq) => session.configure(at(seq)).keepAllPeakBytes);
  return { ...at(16), budgetBytes: Math.round(least + part * (most - least)) };
}

describe.each(['module-checkpoint', 'selective', 'schedule'] as const)('plans for sizes (%s)', (strategy) => {
  const session = open();
  const inputs = inputsOf(session, 0.55, { strategy });

  it('fit at every size that occurs, as the simulator says of the plan file', async () => {
    const answer = await session.sizes({ inputs, sizes });
    expect(answer.exactness.kind).toBe('polynomial');
    expect(answer.rows[0].recomputed).toEqual([]);
    expect(answer.rows.length).toBeGreaterThan(1);
    const kept = applyEdit(inputs, answer.edit);
    const { plan } = await session.plan({ ...kept, budgetBytes: inputs.budgetBytes });
    const read = parsePlan(planText(plan));
    expect(() => session.check(read)).not.toThrow();
    expect(planText(read)).toBe(planText(plan));
    for (const { size, planned } of answer.points.filter(({ share }) => share > 0)) {
      const row = planForSize(read.sizes!.plans!, size);
      expect(row === undefined).toBe(planned === undefined);
      if (!row || !planned) continue;
      const { workload, budgetBytes } = inputs;
      const sized = {
        ...read,
        sizes: undefined,
        decisions: row.decisions,
        recomputations: row.recomputations,
      };
      const text = planText({
        ...sized,
        workload: { ...workload, dims: { ...workload.dims, seq: size[0] } },
      });
      const { peakBytes, stepTimeMs } = session.profilePlan(text);
      expect(peakBytes).toBe(planned.peakBytes);
      expect(peakBytes).toBeLessThanOrEqual(budgetBytes!);
      expect(stepTimeMs).toBeCloseTo(planned.stepMs, 6);
    }
  });

  it('are the same when asked again, and no slower than merging allows', async () => {
    const [first, second] = [await session.sizes({ inputs, sizes }), await open().sizes({ inputs, sizes })];
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    for (const { regretPercent } of first.rows) expect(regretPercent).toBeLessThanOrEqual(2 + 1e-9);
    const table = first.comparison.find(({ id }) => id === 'table')!;
    const fixed = first.comparison.find(({ id }) => id === 'static')!;
    expect(table.overBudgetShare).toBe(first.unplanned.reduce((sum, { share }) => sum + share, 0));
    expect(table.overheadPercent).toBeLessThan(fixed.overheadPercent);
  });
});

describe('plans for sizes', () => {
  const session = open();
  const inputs = inputsOf(session, 0.55);

  it('name the break points', async () => {
    const { summary, rows, pieces, points } = await session.sizes({ inputs, sizes, compare: false });
    const [, end] = rows[0].range!;
    expect(summary[0]).toBe(`Up to seq ${end} nothing needs recomputing.`);
    expect(summary[1]).toContain(`From ${end + 1} on: `);
    const keepAllAt = (seq: number): number => {
      const dims = { ...inputs.workload.dims, seq };
      return session.configure({ ...inputs, workload: { ...inputs.workload, dims } }).keepAllPeakBytes;
    };
    expect(keepAllAt(end)).toBeLessThanOrEqual(inputs.budgetBytes!);
    expect(keepAllAt(end + 1)).toBeGreaterThan(inputs.budgetBytes!);
    for (const { size, keepAllPeakBytes } of points) {
      const piece = pieces.find(({ from, to }) => from <= size[0] && size[0] <= to)!;
      expect(evaluate(piece.coefficients, size[0])).toBeCloseTo(keepAllPeakBytes, 3);
    }
  });

  it('are dropped when what they were made from changes, and stay when only the size on screen does', async () => {
    const { edit } = await session.sizes({ inputs, sizes, compare: false });
    const kept = applyEdit(inputs, edit);
    expect(kept.sizes?.plans?.length).toBeGreaterThan(0);
    const resized = applyEdit(kept, { kind: 'workload', changes: { dims: { batch: 8, seq: 9 } } });
    expect(resized.sizes?.plans).toBe(kept.sizes?.plans);
    for (const change of [
      { kind: 'workload', changes: { dims: { batch: 9, seq: 9 } } },
      { kind: 'budget', budgetBytes: 1 },
      { kind: 'strategy', strategy: 'selective' },
    ] as const) {
      const after = applyEdit(kept, change);
      expect(after.sizes?.plans).toBeUndefined();
      expect(after.sizes?.sizes).toEqual(kept.sizes?.sizes);
    }
    const again = await session.sizes({
      inputs: applyEdit(kept, { kind: 'budget', budgetBytes: 3e9 }),
      compare: false,
    });
    expect(again.summary).toEqual(['At every size everything can be kept.']);
  });

  it('say what is wrong with the sizes, the machine or the budget', async () => {
    const two = session.defaultInputs([
      { id: 'gpu0', name: 'T4', memoryBytes: 16e9 },
      { id: 'gpu1', name: 'T4', memoryBytes: 16e9 },
    ]);
    await expect(session.sizes({ inputs, sizes: { text: '4:1 64:1' } })).rejects.toThrow('outside of what');
    await expect(session.sizes({ inputs })).rejects.toMatchObject({ code: 'bad-sizes' });
    await expect(session.sizes({ inputs: two, sizes })).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(session.sizes({ inputs: { ...inputs, budgetBytes: 1000 }, sizes })).rejects.toMatchObject({
      code: 'infeasible',
    });
    await expect(session.sizes({ inputs, sizes, mergePercent: -1 })).rejects.toMatchObject({
      code: 'bad-usage',
    });
  });

  it('refuse a size that the shapes of the model do not allow', async () => {
    const source = new MemoryByteSource(readFileSync(path.join(samples, 'unet.train.onnx')));
    const unet = PlannerSession.open(source, 'unet.train.onnx');
    const large = { ...unet.defaultInputs(inputs.devices), budgetBytes: 2 ** 34 };
    const taken = await unet.sizes({
      inputs: large,
      sizes: { text: '64x64:1 96x128:1 128x96:2' },
      compare: false,
    });
    expect(taken.dimensions).toEqual(['height', 'width']);
    await expect(unet.sizes({ inputs: large, sizes: { text: '64x64:1 96x100:1' } })).rejects.toThrow(
      'does not take height × width 96 × 100',
    );
  });

  it('fit quadratics to measurements, and say how far off they are', async () => {
    const layer = session.configure(inputs).layers.find(({ checkpointable }) => checkpointable)!.name;
    const rows = [4, 8, 16, 32].map((seq) => `${seq},${layer},${1e6 + 2000 * seq + 30 * seq * seq},1.5`);
    const text = ['seq,layer,bytes,ms', ...rows].join('\n');
    const { predictor } = await session.sizes({
      inputs,
      sizes,
      measurements: [{ text, name: 'a.csv' }],
      compare: false,
    });
    expect(predictor?.worstError).toBeLessThan(1e-6);
    expect(predictor?.layers[0].errorToExact).toBeGreaterThan(0);
    const few = { text: text.split('\n').slice(0, 3).join('\n'), name: 'b.csv' };
    await expect(session.sizes({ inputs, sizes, measurements: [few] })).rejects.toThrow(
      'of 2 different sizes',
    );
    const broken = { text: `${text}\n5,${layer},many,1`, name: 'c.csv' };
    await expect(session.sizes({ inputs, sizes, measurements: [broken] })).rejects.toThrow(
      'c.csv, line 6: bytes',
    );
  });
});

describe('a size at which the step is another one', () => {
  const source = new MemoryByteSource(readFileSync(path.join(samples, 'gpt2_small.train.onnx')));
  const session = PlannerSession.open(source, 'gpt2_small.train.onnx');
  const defaults = session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * 1024 ** 3 }]);
  const workload = { ...defaults.workload, dims: { batch: 4, seq: 1024 } };
  const peakOf = (batch: number): number =>
    session.configure({ ...defaults, workload: { ...workload, dims: { batch, seq: 1024 } } })
      .keepAllPeakBytes;
  // Even a batch of 1 needs a plan.
  const inputs = { ...defaults, workload, budgetBytes: Math.round(peakOf(1) * 0.99) };

  it('is built, planned and kept as a plan for that size alone', async () => {
    const answer = await session.sizes({
      inputs,
      sizes: { text: '1:1 2:1 4:2' },
      dimensions: ['batch'],
      compare: false,
    });
    const own = answer.rows.find(({ exactly }) => exactly)!;
    expect(own).toMatchObject({ upTo: [[1]], range: [1, 1], proof: 'checked' });
    expect(own.recomputed.length).toBeGreaterThan(0);
    const { planned, keepAllPeakBytes } = answer.points.find(({ size }) => size[0] === 1)!;
    expect(answer.rows[planned!.row]).toBe(own);
    expect(keepAllPeakBytes).toBe(peakOf(1));
    expect(planned!.peakBytes).toBeLessThanOrEqual(inputs.budgetBytes);
    expect(answer.notes[0]).toMatch(/^At 1 the step has other computations/);
    const { plan } = await session.plan({
      ...applyEdit(inputs, answer.edit),
      budgetBytes: inputs.budgetBytes,
    });
    const read = parsePlan(planText(plan));
    expect(planForSize(read.sizes!.plans!, [1])).toMatchObject({ exactly: true, upTo: [[1]] });
    expect(planForSize(read.sizes!.plans!, [2])?.exactly).toBeUndefined();
    expect(() => session.check(read)).not.toThrow();
  });
});

describe('plans for sizes that may offload', () => {
  const session = open();
  const base = inputsOf(session, 0.3);
  const link = { name: 'custom', outGBPerS: 1000, inGBPerS: 1000, latencyMs: 0, shared: false };
  const inputs: PlanInputs = { ...base, offload: { to: 'host', link } };

  it('are in the table, proven, and at no size slower than those that only recompute', async () => {
    const answer = await session.sizes({ inputs, sizes, compare: false });
    const recomputing = await session.sizes({ inputs: base, sizes, compare: false });
    const [table, alone] = answer.comparison;
    expect([table.id, alone.id]).toEqual(['table', 'table-recompute']);
    expect(alone.overheadPercent).toBe(recomputing.comparison[0].overheadPercent);
    // So fast a link makes sending cheaper than computing again.
    expect(table.overheadPercent).toBeLessThan(alone.overheadPercent);
    expect(table.overBudgetShare).toBeLessThanOrEqual(alone.overBudgetShare);
    expect(table.highestPeakBytes).toBeLessThanOrEqual(inputs.budgetBytes!);
    const [single, singleAlone] = [answer, recomputing].map(({ comparison }) =>
      comparison.find(({ id }) => id === 'static')!,
    );
    expect(single.expectedMs).toBeLessThanOrEqual(singleAlone.expectedMs);
    const offloading = answer.rows.filter(({ offloaded }) => offloaded);
    expect(offloading.length).toBeGreaterThan(0);
    for (const { proof, offloadedBytes } of offloading) {
      expect(proof).toBe('monotone');
      expect(offloadedBytes).toBeGreaterThan(0);
    }
    for (const { size, planned } of recomputing.points) {
      const both = answer.points.find((point) => point.size[0] === size[0])?.planned;
      if (planned) expect(both!.stepMs).toBeLessThanOrEqual(planned.stepMs);
    }
  });

  it('are what the plan file says, and what is checked', async () => {
    const answer = await session.sizes({ inputs, sizes, compare: false });
    const { plan } = await session.plan({
      ...applyEdit(inputs, answer.edit),
      budgetBytes: inputs.budgetBytes,
    });
    const text = planText(plan);
    const read = parsePlan(text);
    expect(planText(read)).toBe(text);
    expect(() => session.check(read)).not.toThrow();
    for (const { size, planned } of answer.points.filter((point) => point.share > 0 && point.planned)) {
      const row = planForSize(read.sizes!.plans!, size)!;
      const dims = { ...inputs.workload.dims, seq: size[0] };
      const sized = { ...asOnePlan(read, row), workload: { ...inputs.workload, dims } };
      const { peakBytes, stepTimeMs } = session.profilePlan(planText(sized));
      expect(peakBytes).toBeLessThanOrEqual(inputs.budgetBytes!);
      expect(peakBytes).toBe(planned!.peakBytes);
      expect(stepTimeMs).toBeCloseTo(planned!.stepMs, 6);
    }
    const changed = (change: Partial<SizedPlan>): Plan => ({
      ...read,
      sizes: {
        ...read.sizes!,
        plans: read.sizes!.plans!.map((row) => (row.offloads ? { ...row, ...change } : row)),
      },
    });
    expect(() => session.check(changed({ offloads: [], decisions: [] }))).toThrow('the simulator says');
    expect(() => session.check(changed({ offloadPeakBytes: [1, 1, 1, 1] }))).toThrow(
      'memory where offloaded values go is 1',
    );
    const unknown = [{ value: 'nothing', fetchBefore: [] }];
    expect(() => session.check(changed({ offloads: unknown }))).toThrow('nothing');
  });

  it('use host memory no further than there is', async () => {
    const none = { ...inputs, offload: { to: 'host' as const, link, memoryBytes: 1 } };
    const [table, alone] = (await session.sizes({ inputs: none, sizes, compare: false })).comparison;
    expect(table.expectedMs).toBe(alone.expectedMs);
    expect(table.planCount).toBe(alone.planCount);
  });

  it('keep what exists between steps on the device', async () => {
    const { edit } = await session.sizes({ inputs, sizes, compare: false });
    const { plans } = applyEdit(inputs, edit).sizes!;
    const away = plans!.flatMap(({ offloads = [] }) => offloads.map(({ value }) => value));
    expect(away.length).toBeGreaterThan(0);
    expect(away.filter((value) => / state of |^gradient of /.test(value))).toEqual([]);
  });
});
