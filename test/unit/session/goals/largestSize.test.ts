import { beforeAll, describe, expect, test } from 'vitest';
import { applyEdit, type PlanInputs } from '../../../../planner-core/plan/planInputs';
import { strategies, type Strategy } from '../../../../planner-core/plan/plan';
import type { SizeProbe } from '../../../../planner-core/session/goals/goal';
import { gib, inputsOf, mib, openSample } from './goalSupport';

const session = openSample('unet');
const dims = { batch: 4, height: 64, width: 64 };

/** What each batch from 1 on adds within a memory, in percent, asked of the planner alone; more than any where none fits. */
async function overheadsOfBatches(budgetBytes: number, strategy: Strategy): Promise<number[]> {
  const overheads: number[] = [];
  for (let batch = 1; batch <= 15; batch++) {
    const inputs = inputsOf(
      session,
      { semantics: 'cpu', dims: { ...dims, batch } },
      { budgetBytes, strategy },
    );
    const { plan, infeasible } = await session.plan(inputs);
    overheads.push(infeasible ? Infinity : plan.prediction.overheadPercent);
  }
  return overheads;
}

describe.each(strategies)('the largest batch with %s', (strategy) => {
  const memoryBytes = 300 * mib;
  let overheads: number[];
  beforeAll(async () => {
    overheads = await overheadsOfBatches(memoryBytes, strategy);
  });

  test.each([0, 8])(
    'is what trying every batch finds, adding %d percent at most',
    async (maxOverheadPercent) => {
      // Without an allocator, the planner alone decides.
      const inputs = inputsOf(session, { semantics: 'cpu', dims }, { strategy });
      const answer = await session.answer({ goal: 'largest-size', inputs, memoryBytes, maxOverheadPercent });
      const fitting = overheads.flatMap((percent, i) => (percent <= maxOverheadPercent ? [i + 1] : []));
      expect(fitting.length).toBeGreaterThan(2);
      expect(fitting.at(-1)).toBeLessThan(14);
      expect(answer.largest?.size).toBe(fitting.at(-1));
      for (const { size, verdict } of answer.probes) expect(verdict === 'fits').toBe(fitting.includes(size));
    },
  );
});

describe('a largest size on a GPU', () => {
  const inputs = inputsOf(session, { optimizer: 'adamw', dims });
  const question = { goal: 'largest-size', inputs, memoryBytes: 2 * gib, maxOverheadPercent: 8 } as const;

  test('fits with the allocator and the context; the next does not, and says why', async () => {
    const { largest, next, fastest, probes, dimension, isBatch } = await session.answer(question);
    expect([dimension, isBatch]).toEqual(['batch', true]);
    expect(largest!.totalBytes).toBeLessThanOrEqual(question.memoryBytes);
    expect(largest!.overheadPercent).toBeLessThanOrEqual(8);
    expect(next).toMatchObject({ size: largest!.size + 1 });
    expect(next!.verdict).not.toBe('fits');
    expect(next!.reason).toMatch(/\d/);
    const rate = ({ samplesPerSecond }: SizeProbe): number => samplesPerSecond;
    const fitting = probes.filter(({ verdict }) => verdict === 'fits');
    expect(fastest!.samplesPerSecond).toBe(Math.max(...fitting.map(rate)));
    expect(largest!.samplesPerSecond).toBeCloseTo((1000 * largest!.size) / largest!.stepTimeMs);
  });

  test('its edit leads to the very plan it tells of', async () => {
    const { largest } = await session.answer(question);
    const changed = applyEdit(inputs, largest!.edit);
    const { plan, allocators } = await session.plan(changed);
    expect(changed.workload.dims).toEqual({ ...dims, batch: largest!.size });
    expect(plan.prediction.peakBytes).toBe(largest!.peakBytes);
    expect(plan.prediction.stepTimeMs).toBe(largest!.stepTimeMs);
    expect(allocators![0].totalBytes).toBe(largest!.totalBytes);
  });

  test('is the same every time and leaves the step of the session as it is', async () => {
    const step = session.configure(inputs);
    const first = await session.answer(question);
    expect(await openSample('unet').answer(question)).toEqual(first);
    expect(session.configure(inputs)).toBe(step);
  });

  test('grows images by what their model takes', async () => {
    const height = await session.answer({ ...question, dimension: 'height' });
    expect(height.granularity).toBe(16);
    expect(height.largest!.size % 16).toBe(0);
    expect(height.largest!.size).toBeGreaterThan(64);
  });

  test('is refused by a proof where not even one sample fits', async () => {
    const answer = await session.answer({ ...question, memoryBytes: 500 * mib });
    expect(answer.largest).toBeUndefined();
    expect(answer.next).toMatchObject({ size: 1, verdict: 'too-big', proven: true });
  });

  test('names the dimensions there are', async () => {
    await expect(session.answer({ ...question, dimension: 'seq' })).rejects.toMatchObject({
      code: 'bad-usage',
      hint: 'Dimensions: batch, height, width.',
    });
  });
});

test('a length that the model does not take is impossible, not too big', async () => {
  const gpt2 = openSample('gpt2_small');
  const answer = await gpt2.answer({
    goal: 'largest-size',
    inputs: inputsOf(gpt2, { dims: { batch: 1, seq: 700 } }),
    dimension: 'seq',
    maxOverheadPercent: 0,
  });
  expect(answer.largest).toMatchObject({ size: 1024, overheadPercent: 0 });
  expect(answer.next).toMatchObject({ size: 1025, verdict: 'impossible', proven: true });
});

test('what may leave the device makes room for more: with offloading a larger batch is fast enough', async () => {
  const gpt2 = openSample('gpt2_small');
  const inputs = inputsOf(gpt2, { optimizer: 'adamw', dims: { batch: 10, seq: 1024 } });
  const question = { goal: 'largest-size', maxOverheadPercent: 10 } as const;
  const alone = await gpt2.answer({ ...question, inputs });
  const offloading: PlanInputs = { ...inputs, offload: { to: 'host' } };
  const { largest } = await gpt2.answer({ ...question, inputs: offloading });
  expect(largest!.size).toBeGreaterThan(alone.largest!.size);
  const { plan, allocators } = await gpt2.plan(applyEdit(offloading, largest!.edit));
  expect(plan.prediction.peakBytes).toBe(largest!.peakBytes);
  expect(allocators![0].totalBytes + largest!.toleranceBytes).toBeLessThanOrEqual(24 * gib);
  expect(plan.offloads?.length).toBeGreaterThan(0);
});
