import type { Candidate } from '../paretoPlans';

/** What the search for a proof knows so far; everything in it holds whatever happens next. */
export interface RefineProgress {
  /** The fastest plan within the budget; numbers from the simulator's twin. */
  readonly plan?: Candidate;
  /** Proven: no plan within the budget adds less time to the step. Infinity when there is no plan. */
  readonly leastAddedMs: number;
  /** The plan adds no more than what is proven. */
  readonly isOptimal: boolean;
  /** Proven: no plan meets the budget. */
  readonly isInfeasible: boolean;
  /** Programs solved. */
  readonly rounds: number;
  readonly elapsedMs: number;
}

/** When to end. */
export interface RefineLimits {
  readonly timeLimitS: number;
  /** Programs solved at most: for results that do not depend on the clock. */
  readonly rounds?: number;
  /** A plan that was found elsewhere meanwhile. */
  readonly better?: () => Candidate | undefined;
}
