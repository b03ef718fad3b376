import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PlannerHost } from '../../../../extension/planner/plannerHost';
import { cancelGraceMs } from '../../../../extension/planner/supervisedWorker';
import { deferred, FakePlanner, FakeWorker, failure, someInputs, settled } from '../fakePlanner';

const load = async () => ({ kind: 'path', path: '/model.onnx' }) as const;

function hostOf(...planners: FakePlanner[]) {
  const workers: FakeWorker[] = [];
  const deaths: string[] = [];
  const host = new PlannerHost(
    () => {
      const worker = new FakeWorker(planners[Math.min(workers.length, planners.length - 1)]);
      workers.push(worker);
      return worker;
    },
    (reason) => deaths.push(reason),
  );
  return { host, workers, deaths };
}

describe('PlannerHost', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('starts one worker for all calls', async () => {
    const { host, workers } = hostOf(new FakePlanner());
    await host.open(load);
    await host.configure(someInputs);
    await host.plan(someInputs, host.newJob());
    expect(workers).toHaveLength(1);
  });

  it('fails pending calls when the worker dies', async () => {
    const planner = new FakePlanner();
    planner.planResult = deferred<never>().promise;
    const { host, workers, deaths } = hostOf(planner);
    await host.open(load);
    const plan = host.plan(someInputs, host.newJob());
    await settled();
    workers[0].die('out of memory');
    expect(await plan).toMatchObject({ ok: false, error: { code: 'worker-died' } });
    expect(deaths).toEqual(['out of memory']);
  });

  it('reopens and reconfigures in the next worker before anything else', async () => {
    const second = new FakePlanner();
    const { host, workers } = hostOf(new FakePlanner(), second);
    await host.open(load);
    await host.configure({ ...someInputs, workload: { ...someInputs.workload, dims: { batch: 7 } } });
    workers[0].die();
    const job = host.newJob();
    expect(await host.plan(someInputs, job)).toMatchObject({ ok: true });
    expect(second.calls).toEqual(['open', 'configure {"batch":7}', `plan ${job}`]);
  });

  it('answers with the failure when the model cannot be reopened, and recovers once it is opened again', async () => {
    const second = new FakePlanner();
    second.openResult = failure('file-access');
    const { host, workers } = hostOf(new FakePlanner(), second);
    await host.open(load);
    workers[0].die();
    expect(await host.plan(someInputs, host.newJob())).toMatchObject({ error: { code: 'file-access' } });
    second.openResult = undefined;
    await host.open(load);
    expect(await host.plan(someInputs, host.newJob())).toMatchObject({ ok: true });
  });

  it('reports a source that cannot be read as a value', async () => {
    const { host } = hostOf(new FakePlanner());
    const result = await host.open(() => Promise.reject(new Error('no such file')));
    expect(result).toMatchObject({ ok: false, error: { message: 'no such file' } });
  });

  it('reports a worker that cannot be started as a value, and tries again with the next call', async () => {
    let broken = true;
    const host = new PlannerHost(
      () => {
        if (broken) throw new Error('no workers here');
        return new FakeWorker(new FakePlanner());
      },
      () => undefined,
    );
    expect(await host.open(load)).toMatchObject({ ok: false, error: { code: 'worker-died' } });
    expect(await host.plan(someInputs, host.newJob())).toMatchObject({ error: { code: 'worker-died' } });
    broken = false;
    expect(await host.plan(someInputs, host.newJob())).toMatchObject({ ok: true });
  });

  it('reports a call that throws as a value', async () => {
    const planner = new FakePlanner();
    planner.plan = () => {
      throw new Error('could not be cloned');
    };
    const { host } = hostOf(planner);
    expect(await host.plan(someInputs, 1)).toMatchObject({ error: { message: 'could not be cloned' } });
  });

  it('waits for a cancelled job to settle', async () => {
    const planner = new FakePlanner();
    const result = deferred<ReturnType<typeof failure>>();
    planner.planResult = result.promise;
    const { host, workers } = hostOf(planner);
    const job = host.newJob();
    const plan = host.plan(someInputs, job);
    await settled();
    let done = false;
    const cancelled = host.cancel(job).then(() => (done = true));
    await settled();
    expect(done).toBe(false);
    result.resolve(failure('cancelled'));
    await cancelled;
    expect(await plan).toMatchObject({ error: { code: 'cancelled' } });
    await vi.advanceTimersByTimeAsync(cancelGraceMs);
    expect(workers[0].terminated).toBe(false);
  });

  it('terminates a worker that does not react to a cancellation', async () => {
    const planner = new FakePlanner();
    planner.planResult = deferred<never>().promise;
    planner.frontierResult = deferred<never>().promise;
    planner.cancel = () => new Promise<never>(() => undefined);
    const { host, workers } = hostOf(planner, new FakePlanner());
    const [planJob, frontierJob] = [host.newJob(), host.newJob()];
    const plan = host.plan(someInputs, planJob);
    const frontier = host.frontier(someInputs, frontierJob, () => undefined);
    await settled();
    const cancelled = host.cancel(planJob);
    await vi.advanceTimersByTimeAsync(cancelGraceMs - 1);
    expect(workers[0].terminated).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await cancelled;
    expect(workers[0].terminated).toBe(true);
    expect(await plan).toMatchObject({ error: { code: 'cancelled' } });
    expect(await frontier).toMatchObject({ error: { code: 'worker-died' } });
    expect(await host.plan(someInputs, host.newJob())).toMatchObject({ ok: true });
    expect(workers).toHaveLength(2);
  });

  it('cancels a job that still waits for a worker to be prepared', async () => {
    const planner = new FakePlanner();
    const { host } = hostOf(planner);
    const job = host.newJob();
    const plan = host.plan(someInputs, job);
    await host.cancel(job);
    expect(await plan).toMatchObject({ error: { code: 'cancelled' } });
    expect(planner.calls).toEqual([]);
  });

  it('ends its worker when disposed', async () => {
    const { host, workers } = hostOf(new FakePlanner());
    await host.open(load);
    host.dispose();
    expect(workers[0].terminated).toBe(true);
  });

  it('starts no worker any more once it is disposed, also for work that is tried again', async () => {
    const planner = new FakePlanner();
    planner.planResult = deferred<never>().promise;
    const { host, workers } = hostOf(planner);
    await host.open(load);
    const plan = host.plan(someInputs, host.newJob());
    await settled();
    host.dispose();
    expect(await plan).toMatchObject({ error: { code: 'worker-died' } });
    expect(await host.plan(someInputs, host.newJob())).toMatchObject({ error: { code: 'cancelled' } });
    expect(await host.open(load)).toMatchObject({ error: { code: 'cancelled' } });
    expect(workers).toHaveLength(1);
  });

  it('ends a worker that reads a model, or builds a step, for too long after its job was cancelled', async () => {
    const slow = new FakePlanner();
    slow.open = () => new Promise<never>(() => undefined);
    const { host, workers } = hostOf(slow, new FakePlanner());
    const job = host.newJob();
    const opened = host.open(load, job);
    await settled();
    const stopped = host.cancel(job);
    await vi.advanceTimersByTimeAsync(cancelGraceMs);
    await stopped;
    expect(await opened).toMatchObject({ error: { code: 'cancelled' } });
    expect(workers[0].terminated).toBe(true);
    expect(await host.configure(someInputs, host.newJob())).toMatchObject({ ok: true });
    expect(workers).toHaveLength(2);
  });
});
