import { expect, test } from 'vitest';
import { defaultAllocatorSettings } from '../../../planner-core/session/allocatorSettings';
import { openSample, planned } from '../exporters/plannedModel';

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
  expect(text).toContain('is within the budget of 24.0 GiB');
  expect(text).toMatch(/But on gpu0 it takes 24\.\d GiB/);
  expect(text).not.toContain('fits');
  for (const row of ['requested', 'allocated', 'reserved', 'in nvidia-smi', 'device'])
    expect(text).toMatch(new RegExp(`^\\| ${row}.* \\| .*iB`, 'm'));
  expect(session.export(plan, 'markdown').files[0].text).toContain('fits the budget of 24.0 GiB');
});
