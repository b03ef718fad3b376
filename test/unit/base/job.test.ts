import { expect, test } from 'vitest';
import { HeadroomError, toErrorValue } from '../../../planner-core/base/errors';
import { ControlledJob } from '../../../planner-core/base/job';
import { toResult } from '../../../planner-core/base/result';

test('a cancelled job stops at its next checkpoint', async () => {
  const job = new ControlledJob();
  await job.checkpoint();
  job.cancel();
  await expect(job.checkpoint()).rejects.toMatchObject({ code: 'cancelled' });
});

test('a checkpoint after long work lets a message in', async () => {
  const job = new ControlledJob();
  setTimeout(() => job.cancel(), 0);
  const loop = async (): Promise<void> => {
    for (;;) {
      const until = performance.now() + 5;
      while (performance.now() < until);
      await job.checkpoint();
    }
  };
  await expect(loop()).rejects.toMatchObject({ code: 'cancelled' });
});

test('errors cross as values and back', async () => {
  const error = new HeadroomError('truncated-file', 'ends early', 'download it again', { byteOffset: 12 });
  const result = await toResult(() => Promise.reject(error));
  expect(result).toEqual({ ok: false, error: error.toValue() });
  expect(HeadroomError.fromValue(error.toValue())).toMatchObject(error.toValue());
  expect(toErrorValue(new TypeError('x is undefined'))).toMatchObject({ code: 'internal' });
});
