import { describe, expect, it, vi } from 'vitest';
import type { SolveResult } from '../../../planner-core/solvers/engine';
import { LinearProgramBuilder, type LinearProgram } from '../../../planner-core/solvers/linearProgram';
import type { SolverReply, SolverRequest, SolverThread } from '../../../planner-core/solvers/solverThread';
import { maxProgramEntries, WorkerEngine } from '../../../planner-core/solvers/workerEngine';
import { settled } from '../extension/fakePlanner';

/** A thread whose replies the test sends. */
class FakeThread implements SolverThread {
  readonly requests: SolverRequest[] = [];
  terminated = false;
  reply: (reply: SolverReply) => void = () => undefined;
  die: (reason: string) => void = () => undefined;
  post(request: SolverRequest): void {
    this.requests.push(request);
  }
  onReply(listener: (reply: SolverReply) => void): void {
    this.reply = listener;
  }
  onDeath(listener: (reason: string) => void): void {
    this.die = listener;
  }
  terminate(): void {
    this.terminated = true;
  }
}

function setUp() {
  const threads: FakeThread[] = [];
  const engine = new WorkerEngine(() => {
    const thread = new FakeThread();
    threads.push(thread);
    return Promise.resolve(thread);
  });
  return { threads, engine };
}

const program = new LinearProgramBuilder().build();
const optimal: SolveResult = { status: 'optimal', bound: 3 };
const incumbent = { objective: 5, values: Float64Array.of(1) };
const limits = { timeLimitS: 10 };

describe('WorkerEngine', () => {
  it('solves one program after another in one thread, and passes progress on', async () => {
    const { threads, engine } = setUp();
    const bounds: number[] = [];
    const first = engine.solve(program, { ...limits, onProgress: ({ bound }) => bounds.push(bound) });
    await settled();
    threads[0].reply({ kind: 'progress', progress: { bound: 1 } });
    threads[0].reply({ kind: 'result', result: optimal });
    expect(await first).toEqual(optimal);
    expect(bounds).toEqual([1]);
    const second = engine.solve(program, { ...limits, absoluteGap: 0.5 });
    await settled();
    threads[0].reply({ kind: 'result', result: { status: 'infeasible', bound: Infinity } });
    expect(await second).toEqual({ status: 'infeasible', bound: Infinity });
    expect(threads).toHaveLength(1);
    expect(threads[0].requests[1].options).toEqual({ ...limits, absoluteGap: 0.5 });
  });

  it('sends nothing that cannot be cloned', async () => {
    const { threads, engine } = setUp();
    const { signal } = new AbortController();
    void engine.solve(program, { ...limits, signal, onProgress: () => undefined });
    await settled();
    expect(() => structuredClone(threads[0].requests[0])).not.toThrow();
  });

  it('stops at once with the best it has heard, and starts another thread for the next solve', async () => {
    const { threads, engine } = setUp();
    const controller = new AbortController();
    const solve = engine.solve(program, { ...limits, signal: controller.signal });
    await settled();
    threads[0].reply({ kind: 'progress', progress: { incumbent, bound: 1 } });
    threads[0].reply({ kind: 'progress', progress: { bound: 2 } });
    const worse = { objective: 6, values: Float64Array.of(0) };
    threads[0].reply({ kind: 'progress', progress: { incumbent: worse, bound: -Infinity } });
    controller.abort();
    expect(await solve).toEqual({ status: 'stopped', incumbent, bound: 2 });
    await settled();
    expect(threads[0].terminated).toBe(true);
    const next = engine.solve(program, limits);
    await settled();
    threads[1].reply({ kind: 'result', result: optimal });
    expect(await next).toEqual(optimal);
  });

  it('does not start a solve whose signal has been given, and ends one that is only starting', async () => {
    const { threads, engine } = setUp();
    const stopped = { status: 'stopped', bound: -Infinity };
    expect(await engine.solve(program, { ...limits, signal: AbortSignal.abort() })).toEqual(stopped);
    const controller = new AbortController();
    const starting = engine.solve(program, { ...limits, signal: controller.signal });
    controller.abort();
    expect(await starting).toEqual(stopped);
    await settled();
    expect(threads.filter(({ terminated }) => !terminated)).toEqual([]);
    expect(threads.flatMap(({ requests }) => requests)).toEqual([]);
  });

  it.each([
    ['dies', (thread: FakeThread) => thread.die('out of memory')],
    [
      'reports that its engine broke',
      (thread: FakeThread) =>
        thread.reply({ kind: 'failed', error: { code: 'solver-failed', message: 'out of memory' } }),
    ],
  ])('rejects when the thread %s, and the next call works again', async (_, breakDown) => {
    const { threads, engine } = setUp();
    const solve = engine.solve(program, limits);
    await settled();
    breakDown(threads[0]);
    await expect(solve).rejects.toMatchObject({
      code: 'solver-failed',
      message: expect.stringContaining('out of memory') as string,
    });
    await settled();
    expect(threads[0].terminated).toBe(true);
    const next = engine.solve(program, limits);
    await settled();
    threads[1].reply({ kind: 'result', result: optimal });
    expect(await next).toEqual(optimal);
  });

  it('rejects when no thread can be started, and tries again', async () => {
    let broken = true;
    const thread = new FakeThread();
    const engine = new WorkerEngine(() =>
      broken ? Promise.reject(new Error('no threads here')) : Promise.resolve(thread),
    );
    await expect(engine.solve(program, limits)).rejects.toMatchObject({ code: 'solver-failed' });
    broken = false;
    const next = engine.solve(program, limits);
    await settled();
    thread.reply({ kind: 'result', result: optimal });
    expect(await next).toEqual(optimal);
  });

  it('ends a solve that goes far past its time limit', async () => {
    vi.useFakeTimers();
    try {
      const { threads, engine } = setUp();
      const solve = engine.solve(program, { timeLimitS: 1 });
      await settled();
      threads[0].reply({ kind: 'progress', progress: { bound: 2 } });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await solve).toEqual({ status: 'stopped', incumbent: undefined, bound: 2 });
      expect(threads[0].terminated).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses a program that is too large for its memory', async () => {
    const { threads, engine } = setUp();
    const huge: LinearProgram = { ...program, indices: new Int32Array(maxProgramEntries + 1) };
    await expect(engine.solve(huge, limits)).rejects.toMatchObject({ code: 'solver-failed' });
    expect(threads).toEqual([]);
  });

  it('answers the solve that runs when it is disposed, and ends the thread', async () => {
    const { threads, engine } = setUp();
    const solve = engine.solve(program, limits);
    await settled();
    engine.dispose();
    expect(await solve).toMatchObject({ status: 'stopped' });
    await settled();
    expect(threads[0].terminated).toBe(true);
  });
});
