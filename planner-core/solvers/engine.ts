import type { LinearProgram } from './linearProgram';

/** A point of a program that satisfies everything, and its cost. */
export interface Incumbent {
  readonly objective: number;
  readonly values: Float64Array;
}

/** How far a solve is. */
export interface SolveProgress {
  /** The best point so far, when it is new. */
  readonly incumbent?: Incumbent;
  /** Proven: no point costs less. −Infinity while nothing is proven. */
  readonly bound: number;
}

export interface SolveOptions {
  /** The solve ends after this, with what it has. */
  readonly timeLimitS: number;
  /** Ends once the incumbent costs at most this more than the bound; 0 when absent. */
  readonly absoluteGap?: number;
  /** Solve the relaxation in which no column need be whole. */
  readonly isRelaxed?: boolean;
  /** A point to begin with, all columns; one that breaks a row is ignored. */
  readonly start?: Float64Array;
  /** Stops the solve at once; it then ends with what it has. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SolveProgress) => void;
}

export interface SolveResult {
  /** 'stopped': by the time limit, the gap or the signal. */
  readonly status: 'optimal' | 'infeasible' | 'stopped';
  readonly incumbent?: Incumbent;
  /** Proven: no point costs less; Infinity when there is none. */
  readonly bound: number;
}

/** Solves linear and mixed-integer programs, one at a time. */
export interface MilpEngine {
  /**
   * Rejects with HeadroomError 'solver-failed' when the engine broke (out of memory, an abort); the next call works
   * again. Bounds hold up to the engine's tolerance of 1e-6, so programs should be scaled to numbers near one.
   */
  solve(program: LinearProgram, options: SolveOptions): Promise<SolveResult>;
  dispose(): void;
}
