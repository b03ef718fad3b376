import { beforeEach, describe, expect, it } from 'vitest';
import { MachineAsker } from '../../../../extension/document/machineAsker';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import {
  defaultScaleRequest,
  splitBetween,
  type ScaleState,
  type SplitState,
} from '../../../../planner-core/protocol/machineQuestions';
import type { ScaleAnswer } from '../../../../planner-core/session/machines/scaleModel';
import type { Result } from '../../../../planner-core/base/result';
import { deferred, failure, FakePlanner, settled, someInputs, withBudget } from '../fakePlanner';

const [gpu] = someInputs.devices;
const twoDevices: PlanInputs = { ...someInputs, devices: [gpu, { ...gpu, id: 'gpu1' }] };

let planner: FakePlanner;
let published: { split?: SplitState; scale?: ScaleState }[];
let asker: MachineAsker;
let scaleResult: Promise<Result<ScaleAnswer>> | undefined;

beforeEach(() => {
  planner = new FakePlanner();
  published = [];
  scaleResult = undefined;
  let jobs = 0;
  const host = {
    newJob: () => ++jobs,
    split: planner.split.bind(planner),
    scale: async (...values: Parameters<FakePlanner['scale']>) => {
      const result = await planner.scale(...values);
      return scaleResult ?? result;
    },
    cancel: (job: number) => planner.cancel(job),
  };
  asker = new MachineAsker(host, (parts) => published.push(parts));
});

describe('a question about machines', () => {
  it('is published while it is worked on and with its answer', async () => {
    await asker.scale(defaultScaleRequest, someInputs);
    expect(planner.calls).toEqual(['scale 4 1']);
    expect(published.map(({ scale }) => scale?.progress)).toEqual([0, 0.5, undefined]);
    const { run, question, inputs, answer } = published.at(-1)?.scale ?? {};
    expect([run, question, inputs]).toEqual([1, defaultScaleRequest, someInputs]);
    expect(answer).toBeDefined();
  });

  it('is about the first two devices unless it names others', async () => {
    await asker.split({}, twoDevices);
    await asker.split({ between: ['gpu1', 'gpu0'] }, twoDevices);
    expect(planner.calls).toEqual(['split gpu0,gpu1 1', 'split gpu1,gpu0 2']);
    expect(published.at(-1)?.split?.run).toBe(2);
  });

  it('needs two devices for a split', async () => {
    await asker.split({}, someInputs);
    expect(planner.calls).toEqual([]);
    expect(published.at(-1)?.split).toMatchObject({ error: { code: 'bad-usage' } });
    expect(published.at(-1)?.split?.progress).toBeUndefined();
  });

  it('says what the planner reports, except that it was cancelled', async () => {
    scaleResult = Promise.resolve(failure('bad-usage', 'Only training is scaled.'));
    await asker.scale(defaultScaleRequest, someInputs);
    expect(published.at(-1)?.scale?.error?.message).toBe('Only training is scaled.');
    scaleResult = Promise.resolve(failure('cancelled'));
    await asker.scale(defaultScaleRequest, someInputs);
    expect(published.at(-1)?.scale?.error).toBeUndefined();
    expect(published.at(-1)?.scale?.run).toBe(2);
  });

  it('ends when it is cancelled or the inputs change; what comes late is not published', async () => {
    for (const end of [() => asker.cancel(), () => asker.inputsChanged(withBudget(5))]) {
      const late = deferred<Result<ScaleAnswer>>();
      scaleResult = late.promise;
      const asked = asker.scale(defaultScaleRequest, withBudget(4));
      await settled();
      asker.inputsChanged(withBudget(4));
      const before = planner.calls.length;
      await end();
      await settled();
      expect(planner.calls.slice(before)).toEqual([expect.stringMatching(/^cancel/)]);
      const count = published.length;
      late.resolve({ ok: true, value: {} as ScaleAnswer });
      await asked;
      expect(published).toHaveLength(count);
      expect(published.at(-1)?.scale?.progress).toBeUndefined();
    }
  });
});

it('takes each device of an entry that stands for several, and none that is gone', () => {
  const inputs = { devices: [{ ...gpu, count: 2 }] };
  expect(splitBetween({}, inputs)).toEqual(['gpu0.0', 'gpu0.1']);
  expect(splitBetween({ between: ['gpu0.1', 'gpu0.0'] }, inputs)).toEqual(['gpu0.1', 'gpu0.0']);
  expect(splitBetween({ between: ['gpu0.1', 'gone'] }, inputs)).toEqual(['gpu0.0', 'gpu0.1']);
});
