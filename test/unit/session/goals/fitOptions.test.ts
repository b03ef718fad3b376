import { describe, expect, test } from 'vitest';
import { ControlledJob, uncontrolled } from '../../../../planner-core/base/job';
import { strategies } from '../../../../planner-core/plan/plan';
import { applyEdit, type PlanInputs } from '../../../../planner-core/plan/planInputs';
import type { PlannerSession } from '../../../../planner-core/session/plannerSession';
import type { FitOptions, GoalQuestion } from '../../../../planner-core/session/goals/goal';
import { defaultAllocatorSettings } from '../../../../planner-core/session/allocatorSettings';
import { gib, inputsOf, openSample } from './goalSupport';

const resnet = openSample('resnet50');
const gpt2 = openSample('gpt2_small');
const gptInputs = inputsOf(gpt2, { optimizer: 'adamw', dims: { batch: 4, seq: 512 } });
const answers = new Map<string, Promise<FitOptions>>();

/** Asked once, because it takes a while. */
function ask(session: PlannerSession, inputs: PlanInputs, memoryGiB: number): Promise<FitOptions> {
  const key = JSON.stringify([session.summary.file, inputs, memoryGiB]);
  const memoryBytes = memoryGiB * gib;
  const answer =
    answers.get(key) ?? session.answer({ goal: 'options', inputs, memoryBytes, maxOverheadPercent: 10 });
  answers.set(key, answer);
  return answer;
}

describe('what to change', () => {
  test.each([
    ['ResNet-50', resnet, inputsOf(resnet, { dims: { batch: 64, height: 224, width: 224 } }), 4],
    ['GPT-2', gpt2, gptInputs, 5],
  ] as const)(
    '%s: every option leads to the plan it tells of, and that fits',
    async (_, session, inputs, memory) => {
      const { options, now } = await ask(session, inputs, memory);
      expect(now.fits).toBe(false);
      const fitting = options.filter(({ fits }) => fits);
      expect(fitting.length).toBeGreaterThan(4);
      for (const { edit, need, label, isOtherDevice } of fitting) {
        const { plan, allocators } = await session.plan(applyEdit(inputs, edit));
        const { peakBytes, stepTimeMs } = plan.prediction;
        expect([label, peakBytes, stepTimeMs]).toEqual([label, need.peakBytes, need.stepTimeMs]);
        expect(allocators![0].totalBytes).toBe(need.totalBytes);
        if (!isOtherDevice) expect(need.totalBytes).toBeLessThanOrEqual(memory * gib);
      }
    },
  );

  test('what fits comes first, on this device first, by time for the same data', async () => {
    const { options } = await ask(gpt2, gptInputs, 5);
    const rank = options.map(({ fits, isOtherDevice }) => (fits ? (isOtherDevice ? 1 : 0) : 2));
    expect(rank).toEqual([...rank].sort());
    const times = options.filter((_, i) => rank[i] === 0).map(({ relativeTime }) => relativeTime);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(options.map(({ id }) => id)).size).toBe(options.length);
  });

  test('smaller batches in passes: rounding for GPT-2, but training where batches are normalized', async () => {
    const effectOf = async (session: PlannerSession, inputs: PlanInputs, memory: number) =>
      (await ask(session, inputs, memory)).options.find(({ id }) => id === 'micro-batches');
    expect(await effectOf(gpt2, gptInputs, 5)).toMatchObject({ effect: 'rounding', fits: true });
    const images = inputsOf(resnet, { dims: { batch: 64, height: 224, width: 224 } });
    expect(await effectOf(resnet, images, 4)).toMatchObject({ effect: 'training', fits: true });
  });

  test('the same update in passes: the time is for the same data', async () => {
    const { options, now } = await ask(gpt2, gptInputs, 5);
    const { edit, need, relativeTime } = options.find(({ id }) => id === 'micro-batches')!;
    const { workload } = applyEdit(gptInputs, edit);
    expect(workload.dims.batch * workload.microBatches).toBe(4);
    expect(relativeTime).toBeCloseTo(need.stepTimeMs / now.stepTimeMs);
    const smaller = options.find(({ id }) => id === 'dim:batch')!;
    const { dims } = applyEdit(gptInputs, smaller.edit).workload;
    expect(smaller.relativeTime).toBeCloseTo(((smaller.need.stepTimeMs / now.stepTimeMs) * 4) / dims.batch);
  });

  test('two things at once where one is not enough', async () => {
    const inputs = inputsOf(gpt2, { optimizer: 'adamw', dims: { batch: 16, seq: 1024 } });
    const { options } = await ask(gpt2, inputs, 4);
    const onDevice = options.filter(({ isOtherDevice }) => !isOtherDevice);
    expect(onDevice.filter(({ fits, id }) => fits && !id.includes(' + '))).toEqual([]);
    const pair = onDevice[0];
    expect(pair).toMatchObject({ fits: true, effect: 'rounding' });
    expect(pair.label).toMatch(/^Checkpoint .* and accumulate /);
  });

  test('where nothing fits, what needs least comes first, and says what it takes', async () => {
    const { options } = await ask(gpt2, gptInputs, 0.9);
    const onDevice = options.filter(({ isOtherDevice }) => !isOtherDevice);
    expect(onDevice.some(({ fits }) => fits)).toBe(false);
    const taken = onDevice.map(({ need }) => need.totalBytes ?? need.peakBytes);
    expect(taken).toEqual([...taken].sort((a, b) => a - b));
    expect(onDevice[0].reason).toMatch(/takes|need less/);
  });

  test('offloading is offered where it makes the plan faster, as the planner offloads', async () => {
    const { options } = await ask(gpt2, gptInputs, 5);
    const offloading = options.filter(({ id, fits }) => fits && id.startsWith('offload:'));
    expect(offloading.length).toBeGreaterThan(0);
    for (const { id, edit, need, relativeTime } of offloading) {
      const { plan, offload } = await gpt2.plan(applyEdit(gptInputs, edit));
      expect(offload!.outBytes).toBeGreaterThan(0);
      expect(plan.prediction).toMatchObject({ peakBytes: need.peakBytes, stepTimeMs: need.stepTimeMs });
      const alone = options.find((option) => option.id === id.replace('offload:', 'strategy:'));
      expect(relativeTime).toBeLessThan(alone?.relativeTime ?? Infinity);
    }
  });

  test('no plan is offered that is free to do more than another that is as fast', async () => {
    const { options } = await ask(gpt2, gptInputs, 5);
    const freedom = options.flatMap(({ id, fits, relativeTime }) => {
      const [, how, strategy] = /^(strategy|offload):(.*)$/.exec(id) ?? [];
      const rank = strategies.findIndex((candidate) => candidate === strategy);
      return fits && rank >= 0 ? [{ id, offloads: how === 'offload', rank, relativeTime }] : [];
    });
    for (const a of freedom)
      for (const b of freedom)
        if (a !== b && a.rank <= b.rank && (!a.offloads || b.offloads))
          expect([b.id, b.relativeTime < a.relativeTime]).toEqual([b.id, true]);
  });

  test('what is not enough is left out where more of the same is', async () => {
    const { options } = await ask(gpt2, gptInputs, 5);
    const familyOf = (id: string): string => id.replace('offload:', 'strategy:').split(':')[0];
    const enough = new Set(options.filter(({ fits }) => fits).map(({ id }) => familyOf(id)));
    const short = options.filter(({ fits, id }) => !fits && !id.startsWith('dim:'));
    expect(short.map(({ id }) => id).filter((id) => enough.has(familyOf(id)))).toEqual([]);
  });

  test('a plan that offloads already keeps doing so', async () => {
    const inputs: PlanInputs = { ...gptInputs, offload: { to: 'host' } };
    const { options } = await ask(gpt2, inputs, 5);
    const strategy = options.filter(({ id }) => id.startsWith('strategy:'));
    expect(strategy.length).toBeGreaterThan(0);
    for (const { label } of strategy) expect(label).toMatch(/ with offloading$/);
    expect(options.some(({ id }) => id.startsWith('offload:'))).toBe(false);
  });

  test('nothing has to change where everything fits', async () => {
    expect(await ask(gpt2, gptInputs, 24)).toMatchObject({ now: { fits: true }, options: [] });
  });

  test('another device asked about is part of every change', async () => {
    const question = { goal: 'options', inputs: gptInputs, device: 'T4', maxOverheadPercent: 10 } as const;
    const inputs = inputsOf(gpt2, { optimizer: 'adamw', dims: { batch: 16, seq: 1024 } });
    const { options, memoryBytes } = await gpt2.answer({ ...question, inputs });
    expect(memoryBytes).toBe(16 * gib);
    for (const { edit, isOtherDevice } of options)
      if (!isOtherDevice) expect(applyEdit(inputs, edit).devices).toMatchObject([{ id: 'gpu0', name: 'T4' }]);
  });

  test('an inference step has options too, none of which trains', async () => {
    const inputs = inputsOf(gpt2, { mode: 'inference', dims: { batch: 16, seq: 1024 } });
    const { options } = await ask(gpt2, inputs, 3);
    expect(options.filter(({ fits }) => fits).map(({ id }) => id)).toContain('dim:batch');
    expect(options.some(({ id }) => id.startsWith('optimizer') || id === 'micro-batches')).toBe(false);
  });
});

describe('a question', () => {
  const goals: GoalQuestion['goal'][] = ['least-budget', 'largest-size', 'options'];
  const of = (goal: GoalQuestion['goal']): GoalQuestion => ({
    goal,
    inputs: gptInputs,
    memoryBytes: 5 * gib,
    maxOverheadPercent: 10,
  });

  test.each(goals)('%s can be cancelled', async (goal) => {
    const job = new ControlledJob();
    const answer = gpt2.answer(of(goal), defaultAllocatorSettings, job);
    job.cancel();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  });

  test.each(goals)('%s ends where it is when it is cancelled on the way', async (goal) => {
    let reports = 0;
    const job = new ControlledJob(() => {
      if (++reports === 1) job.cancel();
    });
    await expect(gpt2.answer(of(goal), defaultAllocatorSettings, job)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(reports).toBe(1);
  });

  test.each(goals)('%s reports progress that only rises', async (goal) => {
    const fractions: number[] = [];
    const job = { ...uncontrolled, progress: (fraction: number) => void fractions.push(fraction) };
    await gpt2.answer(of(goal), defaultAllocatorSettings, job);
    expect(fractions.length).toBeGreaterThan(0);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(Math.max(...fractions)).toBeLessThanOrEqual(1);
  });

  test.each([
    { memoryBytes: 0 },
    { memoryBytes: NaN },
    { maxOverheadPercent: -1 },
    { maxOverheadPercent: NaN },
  ])('with %j is refused', async (wrong) => {
    await expect(gpt2.answer({ ...of('options'), ...wrong })).rejects.toMatchObject({ code: 'bad-usage' });
  });
});
