import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision, Plan } from '../../../planner-core/plan/plan';
import { differenceLines, differenceSummary } from '../../../planner-core/plan/differenceLines';
import { planDifferences } from '../../../planner-core/plan/planDifferences';
import { examplePlan } from '../support/examplePlan';

const decision = fc.record<Decision>(
  {
    target: fc.constantFrom('a', 'b.0', 'b.1', 'c'),
    kind: fc.constant('module' as const),
    choice: fc.constantFrom('keep' as const, 'recompute' as const, 'offload' as const),
    device: fc.constantFrom('gpu0', 'gpu1'),
    pinned: fc.boolean(),
  },
  { requiredKeys: ['target', 'kind', 'choice'] },
);
const plans = fc
  .record({
    budgetBytes: fc.integer({ min: 1, max: 2 ** 40 }),
    decisions: fc.uniqueArray(decision, { selector: ({ target }) => target }),
  })
  .map((parts): Plan => ({ ...examplePlan, ...parts }));

describe('planDifferences', () => {
  it('finds none between a plan and itself', () => {
    expect(planDifferences(examplePlan, examplePlan)).toEqual([]);
    expect(differenceLines([])).toEqual(['The plans say the same.']);
  });

  it('tells of stages that devices share, and what that gives', () => {
    const alone: Plan = {
      ...examplePlan,
      replicas: undefined,
      prediction: { ...examplePlan.prediction, throughput: { timeMs: 400, perDevicePeakBytes: {} } },
    };
    expect(differenceLines(planDifferences(alone, examplePlan))).toEqual([
      'Predicted:',
      '  update, or period of a stream: 400.0 ms → 246.5 ms',
      '  peak of gpu0 with all that is in flight: 7.45 GiB (new)',
      '  peak of gpu1 with all that is in flight: 7.45 GiB (new)',
      'Layers:',
      '  all on gpu0: in turn with gpu1 (new)',
    ]);
  });

  it('tells the same of both directions, with the sides swapped', () => {
    fc.assert(
      fc.property(plans, plans, (a, b) => {
        const sorted = (list: readonly object[]) => list.map((item) => JSON.stringify(item)).sort();
        const back = planDifferences(b, a).map(({ about, what, before, after }) => ({
          about,
          what,
          before: after,
          after: before,
        }));
        expect(sorted(back)).toEqual(sorted(planDifferences(a, b)));
      }),
    );
  });

  it('names each layer whose decision is another, and no other', () => {
    fc.assert(
      fc.property(plans, plans, (a, b) => {
        const told = planDifferences(a, b)
          .filter(({ about }) => about === 'layer')
          .map(({ what }) => what);
        const of = (plan: Plan, target: string) => {
          const {
            choice,
            device,
            pinned = false,
          } = plan.decisions.find((one) => one.target === target) ?? {};
          return JSON.stringify([choice, device, pinned]);
        };
        const differing = ['a', 'b.0', 'b.1', 'c'].filter((target) => of(a, target) !== of(b, target));
        expect(told.sort()).toEqual(differing);
      }),
    );
  });

  it('tells a budget that differs by less than is shown to the byte', () => {
    const other = { ...examplePlan, budgetBytes: examplePlan.budgetBytes + 1 };
    const [{ what, before, after }] = planDifferences(examplePlan, other);
    expect(what).toBe('budget');
    expect(before).toContain(String(examplePlan.budgetBytes));
    expect(after).toContain(String(other.budgetBytes));
  });

  it('writes lines under headings', () => {
    const after: Plan = {
      ...examplePlan,
      budgetBytes: 2 ** 33,
      workload: { ...examplePlan.workload, dims: { ...examplePlan.workload.dims, extra: 3 } },
      decisions: [{ target: 'new', kind: 'module', choice: 'recompute', device: 'gpu0', pinned: true }],
    };
    const lines = differenceLines(
      planDifferences({ ...examplePlan, budgetBytes: 2 ** 34, decisions: [] }, after),
    );
    expect(lines).toEqual([
      'Settings:',
      '  budget: 16.0 GiB → 8.00 GiB',
      '  extra: 3 (new)',
      'Layers:',
      '  new: recompute on gpu0 (by hand) (new)',
    ]);
  });
});

it('a summary folds layers whose decisions change alike, and leaves none uncounted', () => {
  const recompute = (target: string): Decision => ({ target, kind: 'module', choice: 'recompute' });
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h.1', 'h.2'].map(recompute);
  const blocks = ['h.10', 'h.2', 'h.3'].map((name) => ({ ...recompute(name), choice: 'keep' as const }));
  const differences = planDifferences(
    { ...examplePlan, decisions: blocks },
    { ...examplePlan, decisions: many.filter(({ target }) => target !== 'h.2') },
  );
  expect(differenceSummary(differences)).toEqual([
    'Layers:',
    '  h.{2,3,10}: keep (gone)',
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `  ${name}: recompute (new)`),
    '  2 more layers: recompute (new)',
  ]);
  expect(differenceLines(differences)).toHaveLength(1 + differences.length);
});

it('plans of different models are compared no further', () => {
  const model = { ...examplePlan.model, file: 'other.onnx', fingerprint: 'f00d' };
  const other: Plan = { ...examplePlan, model, decisions: [], budgetBytes: 1 };
  const lines = differenceSummary(planDifferences(examplePlan, other));
  expect(lines).toEqual([
    'The plans are of different models:',
    `  file: ${examplePlan.model.file} → other.onnx`,
    `  structure: ${examplePlan.model.fingerprint} → f00d`,
  ]);
  const renamed = { ...other, model: { ...examplePlan.model, file: 'other.onnx' } };
  const exportedAnew = { ...other, model: { ...examplePlan.model, fingerprint: 'f00d' } };
  for (const same of [renamed, exportedAnew])
    expect(differenceLines(planDifferences(examplePlan, same))).toContain('Settings:');
});

it('links are told in words, and no two that differ read alike', () => {
  const link = {
    between: ['gpu0', 'host'] as const,
    name: 'pcie4x16',
    gbPerS: 24,
    latencyMs: 0.01,
    shared: false,
  };
  const before: Plan = { ...examplePlan, links: [link] };
  const later: Plan = { ...examplePlan, links: [{ ...link, latencyMs: 0.05 }] };
  expect(differenceLines(planDifferences(before, later))).toEqual([
    'Settings:',
    '  link gpu0 – host: PCIe 4.0 x16, 24 GB/s, 0.01 ms latency → PCIe 4.0 x16, 24 GB/s, 0.05 ms latency',
  ]);
});

it('what one plan offloads and the other does not is told by value, with its moments', () => {
  const before = { ...examplePlan, offloads: undefined };
  const after = {
    ...examplePlan,
    offloads: [{ value: 'gelu', goneBefore: 'linear_2', fetchBefore: ['norm backward'] }],
  };
  expect(differenceLines(planDifferences(before, after))).toEqual([
    'Transfers:',
    '  gelu: gone before linear_2, fetched before norm backward (new)',
  ]);
  expect(differenceSummary(planDifferences(before, after))).toEqual(['Transfers:', '  values moved: 1 more']);
});

it.each([
  [
    'pcie4x16',
    'to host memory over PCIe 4.0 x16, 24 GB/s, 0.01 ms latency, one way at a time, at most 64.0 GiB',
  ],
  [
    'custom',
    'to host memory over a link of its own, 24 GB/s, 0.01 ms latency, one way at a time, at most 64.0 GiB',
  ],
])('where values may go over %s is told in words', (name, words) => {
  const link = { name, outGBPerS: 24, inGBPerS: 24, latencyMs: 0.01, shared: true };
  const after: Plan = { ...examplePlan, offload: { to: 'host', link, memoryBytes: 64 * 2 ** 30 } };
  expect(differenceLines(planDifferences({ ...examplePlan, offload: undefined }, after))).toEqual([
    'Settings:',
    `  offload: ${words} (new)`,
  ]);
});

it('plans for several sizes are told by their sizes, with what they offload', () => {
  const plan = { upTo: [[256]], planner: 'p', decisions: [], peakBytes: [2 ** 30], overheadPercent: [0] };
  const table = { dimensions: ['seq'], sizes: [{ size: [256], weight: 2 }], mergePercent: 2 };
  const before: Plan = { ...examplePlan, sizes: { ...table, plans: [plan] } };
  const offloading = {
    ...plan,
    decisions: [{ target: 'gelu', kind: 'operator', choice: 'offload' } as const],
    offloads: [
      { value: 'gelu', goneBefore: 'linear_2', fetchBefore: ['norm backward'] },
      { value: 'sum', fetchBefore: [] },
    ],
    offloadPeakBytes: [7],
  };
  const change = (sizes: Plan['sizes']): string[] =>
    differenceLines(planDifferences(before, { ...examplePlan, sizes }));
  expect(change(before.sizes)).toEqual(['The plans say the same.']);
  expect(change({ ...table, mergePercent: 3, plans: [offloading] })).toEqual([
    'Settings:',
    '  input sizes, merged within: 2 % → 3 %',
    'Layers:',
    '  seq up to 256: recompute nothing; peak 1.00 GiB; +0.0 % → recompute nothing; offload 2 values; peak 1.00 GiB; +0.0 %',
    'Transfers:',
    '  gelu (seq up to 256): gone before linear_2, fetched before norm backward (new)',
    '  sum (seq up to 256): leaves after its last use, fetched just before its use (new)',
  ]);
  expect(change({ ...table, plans: [{ ...plan, peakBytes: [2 ** 30 + 1] }] })[1]).toContain(
    `(${2 ** 30}) → `,
  );
  expect(change({ ...table, sizes: [{ size: [256], weight: 3 }], plans: [plan] })).toEqual([
    'Settings:',
    '  input sizes: seq 256:2 → seq 256:3',
  ]);
});
