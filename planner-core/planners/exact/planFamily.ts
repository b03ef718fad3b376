import type { LinearProgram } from '../../solvers/linearProgram';
import type { Job } from '../../base/job';
import type { Candidate } from '../paretoPlans';

/** An integer program whose optimum no plan of a family within the budget beats. */
export interface Relaxation {
  readonly program: LinearProgram;
  /** Objective for each millisecond a plan adds. */
  readonly costPerMs: number;
}

/** The best plan of a search that left nothing out; undefined when there is none. */
export interface ExhaustiveResult {
  readonly best: Candidate | undefined;
}

/**
 * The plans of one kind within a budget, seen through programs that learn more and more about when memory is short.
 * `R` is the kind's own relaxation.
 */
export interface PlanFamily<R extends Relaxation> {
  /** Time of the step without anything computed again that need not be. */
  readonly keepAllMs: number;
  /** Proven at once; Infinity when no plan fits. */
  readonly leastAddedMs: number;
  /** Can anything be learnt from a program at all: is memory short somewhere? */
  readonly isShort: boolean;
  /** A program with all that has been learnt; plans that add more than `mostAddedMs` may be left out. */
  relaxation(mostAddedMs: number): R;
  /** The point of a program that a plan of the family is. */
  pointOf(relaxation: R, plan: Candidate): Float64Array | undefined;
  /** A plan within the budget made of a point; undefined when the point leads to none. */
  planOf(relaxation: R, point: Float64Array, job: Job): Promise<Candidate | undefined>;
  /** Learns from where the plan of a point breaks the budget; false when the next program would be the same. */
  learn(relaxation: R, point: Float64Array): boolean;
  /** The best plan that adds less than `underMs`, by a search that leaves nothing out; undefined when that is too long. */
  exhaust(underMs: number, job: Job): Promise<ExhaustiveResult | undefined>;
}
