import type { ErrorValue } from '../base/errors';
import type { SolveOptions, SolveProgress, SolveResult } from './engine';
import type { LinearProgram } from './linearProgram';

/** The options of a solve that can cross to another thread. */
export type PlainSolveOptions = Omit<SolveOptions, 'signal' | 'onProgress'>;

/** To the thread: one program to solve, after the one before has been answered. */
export interface SolverRequest {
  readonly program: LinearProgram;
  readonly options: PlainSolveOptions;
}

/** From the thread: how far it is, then the answer. Plain values, copied between threads. */
export type SolverReply =
  | { readonly kind: 'progress'; readonly progress: SolveProgress }
  | { readonly kind: 'result'; readonly result: SolveResult }
  | { readonly kind: 'failed'; readonly error: ErrorValue };

/** A thread with an engine in it, seen from outside: what Node's threads and Web Workers have in common. */
export interface SolverThread {
  post(request: SolverRequest): void;
  onReply(listener: (reply: SolverReply) => void): void;
  /** Calls the listener when the thread crashes, runs out of memory or exits; `reason` is for people. */
  onDeath(listener: (reason: string) => void): void;
  /** Stops the thread in the middle of whatever it does. */
  terminate(): void;
}

/** Starts a thread of the platform. Rejects where there are none, or when the engine's file cannot be read. */
export type StartSolverThread = () => Promise<SolverThread>;
