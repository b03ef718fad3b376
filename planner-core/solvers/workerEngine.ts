import { HeadroomError } from '../base/errors';
import type { MilpEngine, SolveOptions, SolveProgress, SolveResult } from './engine';
import type { LinearProgram } from './linearProgram';
import type { SolverReply, SolverThread, StartSolverThread } from './solverThread';

/**
 * Programs with more entries are refused. HiGHS holds a program several times over (the model, the presolved model, its
 * factors and cuts): some 320 bytes an entry were measured, and its memory ends at 2 GiB.
 */
export const maxProgramEntries = 4_000_000;

/** How far past its time limit a solve may go before its thread is terminated: HiGHS looks at the clock now and then. */
const overtimeMs = 2000;

/**
 * An engine in a thread of its own, because HiGHS blocks the thread it runs in. A solve that is stopped ends at once:
 * its thread is terminated, the best point and bound it has sent are the answer, and the next solve starts another
 * thread. So does a solve whose thread dies, except that it rejects with 'solver-failed'. One solve at a time.
 */
export class WorkerEngine implements MilpEngine {
  private thread?: Promise<SolverThread>;
  /** Ends the solve that runs. */
  private stopRunning?: () => void;

  constructor(private readonly start: StartSolverThread) {}

  async solve(program: LinearProgram, options: SolveOptions): Promise<SolveResult> {
    if (program.indices.length > maxProgramEntries) throw tooLarge(program);
    if (this.stopRunning) throw new HeadroomError('internal', 'The solver is busy with another program.');
    return new Promise((resolve, reject) => this.run(program, options, resolve, reject));
  }

  /** Ends the thread, and with it the solve that runs: that one is answered as if it had been stopped. */
  dispose(): void {
    this.stopRunning?.();
    this.terminate();
  }

  private run(
    program: LinearProgram,
    { signal, onProgress, ...plain }: SolveOptions,
    resolve: (result: SolveResult) => void,
    reject: (error: HeadroomError) => void,
  ): void {
    let best: SolveProgress = { bound: -Infinity };
    let settled = false;
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      clearTimeout(overtime);
      signal?.removeEventListener('abort', stop);
      this.stopRunning = undefined;
      return true;
    };
    const stop = (): void => {
      if (!settle()) return;
      this.terminate();
      resolve({ status: 'stopped', ...best });
    };
    const fail = (reason: string): void => {
      if (!settle()) return;
      this.terminate();
      reject(failure(reason));
    };
    const receive = (reply: SolverReply): void => {
      if (settled) return;
      if (reply.kind === 'progress') {
        best = better(best, reply.progress);
        onProgress?.(reply.progress);
      } else if (reply.kind === 'failed') {
        fail(reply.error.message);
      } else if (settle()) {
        resolve(reply.result);
      }
    };
    const overtime = setTimeout(stop, 1000 * plain.timeLimitS + overtimeMs);
    this.stopRunning = stop;
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop);
    this.thread ??= this.start();
    this.thread.then(
      (thread) => {
        if (settled) return;
        thread.onReply(receive);
        thread.onDeath(fail);
        try {
          thread.post({ program, options: plain });
        } catch (thrown) {
          fail(messageOf(thrown));
        }
      },
      (thrown: unknown) => fail(messageOf(thrown)),
    );
  }

  /** Also a thread that is only starting. */
  private terminate(): void {
    this.thread?.then(
      (thread) => thread.terminate(),
      () => undefined,
    );
    this.thread = undefined;
  }
}

/** The best of both: progress may bring a point, a bound, or both. */
function better(known: SolveProgress, { incumbent, bound }: SolveProgress): SolveProgress {
  const isNew = incumbent && !(known.incumbent && known.incumbent.objective <= incumbent.objective);
  return { incumbent: isNew ? incumbent : known.incumbent, bound: Math.max(known.bound, bound) };
}

function failure(reason: string): HeadroomError {
  return new HeadroomError(
    'solver-failed',
    `The solver stopped: ${reason.replace(/\.$/, '')}.`,
    'What was proven before holds.',
  );
}

function tooLarge({ indices }: LinearProgram): HeadroomError {
  return failure(
    `the program has ${indices.length.toLocaleString('en')} entries, more than ${maxProgramEntries.toLocaleString('en')}`,
  );
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
