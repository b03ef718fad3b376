import { expect, test } from 'vitest';
import { defaultAllocatorSettings } from '../../../planner-core/session/allocatorSettings';
import { formatMemory, formatOverhead } from '../../../planner-core/base/format';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { cards, openSample, planned } from '../exporters/plannedModel';

const crowded = { ...defaultAllocatorSettings, contextBytes: 24 * 2 ** 30 };
const taken = /takes 24\.\d GiB with PyTorch's allocator and the CUDA context, more than the RTX 4090 has/;

test('exports of a plan that fills up its device warn of it', async () => {
  const session = openSample('tiny_mlp.train.onnx');
  const plan = await planned(session, {}, { batch: 64 });
  for (const target of ['pytorch', 'plan-json', 'fsdp2', 'markdown'] as const) {
    const { warnings } = session.export(plan, target, undefined, undefined, crowded);
    expect(warnings).toEqual([expect.stringMatching(taken)]);
    expect(session.export(plan, target).warnings).toEqual([]);
  }
});

test('a report has what the device shows as used, and does not say that a plan fits that fills it up', async () => {
  const session = openSample('tiny_mlp.train.onnx');
  const plan = await planned(session, {}, { batch: 64 });
  const [{ text }] = session.export(plan, 'markdown', undefined, undefined, crowded).files;
  expect(text).toContain('is within the budget of 23.6 GiB');
  expect(text).toMatch(/On gpu0 it does not fit: it takes 24\.\d GiB/);
  expect(text).not.toContain('fits');
  for (const row of ['requested', 'allocated', 'reserved', 'in nvidia-smi', 'device'])
    expect(text).toMatch(new RegExp(`^\\| ${row}.* \\| .*iB`, 'm'));
  expect(session.export(plan, 'markdown').files[0].text).toContain('of 24.0 GiB: fits, 23.5 GiB headroom.');
});

/** A plan at a share of what keeping everything takes, as a PyTorch file. */
async function asPyTorch(file: string, changes: Partial<PlanInputs>, share: number) {
  const session = openSample(file);
  const base = session.defaultInputs(cards(1));
  const inputs = { ...base, workload: { ...base.workload, dims: { batch: 8 } }, ...changes };
  const budgetBytes = Math.floor(share * session.configure(inputs).keepAllPeakBytes);
  const { plan } = await session.plan({ ...inputs, budgetBytes });
  expect(plan.prediction.peakBytes).toBeLessThanOrEqual(budgetBytes);
  return { budgetBytes, ...session.export(plan, 'pytorch') };
}

const fast = { name: 'custom', outGBPerS: 1000, inGBPerS: 1000, latencyMs: 0, shared: false };

test.each([
  ['tiny_transformer.train.pt2', { strategy: 'schedule' } as const, 0.5, 'module-checkpoint'],
  ['tiny_mlp.train.onnx', { offload: { to: 'host', link: fast } } as const, 0.7, 'without offloading'],
])(
  'a PyTorch file of %s that carries too little of %j for its budget says so',
  async (file, changes, share, way) => {
    const { budgetBytes, carried, warnings, notCarried } = await asPyTorch(file, changes, share);
    const [, peak] = /^peak (.*) as the file applies it$/.exec(carried[1]) ?? [];
    const budget = formatMemory(budgetBytes);
    expect(warnings).toEqual([
      `The file as PyTorch applies it breaks a limit that the plan keeps: gpu0 needs ${peak}, the budget is ${budget}.`,
    ]);
    expect(notCarried).toContainEqual({
      decision: `the budget of ${budget}`,
      why: `what PyTorch carries of the plan takes ${peak}`,
      instead: expect.stringContaining(way) as string,
    });
  },
);

test('a PyTorch file that keeps the budget as its plan does warns of nothing', async () => {
  const { warnings, notCarried } = await asPyTorch('tiny_transformer.train.pt2', {}, 0.8);
  expect(warnings).toEqual([]);
  expect(notCarried.filter(({ decision }) => decision.startsWith('the budget'))).toEqual([]);
});

test('a PyTorch file says its own step, and warns where that is slower than planned', async () => {
  const session = openSample('tiny_transformer.train.pt2');
  const plan = await planned(session, {}, { batch: 8 });
  const ofPlan = (overheadPercent: number) =>
    session.export({ ...plan, prediction: { ...plan.prediction, overheadPercent } }, 'pytorch');
  const { overheadPercent: own } = plan.prediction;
  const shown = formatOverhead(own);
  expect(ofPlan(own).carried).toContain(`step ${shown} as the file applies it`);
  expect(ofPlan(own).warnings).toEqual([]);
  const promised = formatOverhead(own - 10);
  const { carried, warnings } = ofPlan(own - 10);
  expect(carried).toContain(`step ${shown} as the file applies it (the plan: ${promised})`);
  expect(warnings).toEqual([
    `As PyTorch applies it a step takes ${shown} of time, not ${promised} as planned. Compare it with the file of a plan that does not offload.`,
  ]);
  expect(ofPlan(own + 10).warnings).toEqual([]);
});
