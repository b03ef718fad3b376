import type { PlannedOffload } from './offloadTarget';
import type { Decision, Plan, PlannedRecomputation } from './plan';
import type { PlanInputs } from './planInputs';

/** Sizes of some of a model's dimensions, in the order they are named beside it. */
export type Size = readonly number[];

/** A size and how much of the data has it: batches, or any other weight. */
export interface WeightedSize {
  readonly size: Size;
  readonly weight: number;
}

/** One plan of a table, and the sizes it is for. */
export interface SizedPlan {
  /**
   * It is valid for each of these sizes and for all that are no larger in any dimension. No size here is covered by
   * another one.
   */
  readonly upTo: readonly Size[];
  /** It is valid for these sizes only: the step has other computations there than at smaller ones. */
  readonly exactly?: boolean;
  readonly planner: string;
  /** Sorted by kind, then target. */
  readonly decisions: readonly Decision[];
  /** Strategy 'schedule' only, in execution order. */
  readonly recomputations?: readonly PlannedRecomputation[];
  /** What is away for a part of the step, sorted by value; absent: nothing is. */
  readonly offloads?: readonly PlannedOffload[];
  /** At each of `upTo`. */
  readonly peakBytes: readonly number[];
  /** Against keeping everything, at each of `upTo`. */
  readonly overheadPercent: readonly number[];
  /** Highest memory in use where offloaded values go, at each of `upTo`; absent: nothing is offloaded. */
  readonly offloadPeakBytes?: readonly number[];
}

/** A dimension that depends on data, as it was in some batches, by the product x of the sizes. */
export interface FittedDimension {
  readonly dimension: string;
  /** Of 1, x, x². */
  readonly coefficients: readonly number[];
  /** Different sizes it was known at. */
  readonly sizes: number;
  /** Most that the fit was off by in one of these batches; it was never below. */
  readonly errorPercent: number;
}

/** Sizes that inputs come in, and the plans for them. */
export interface SizePlan {
  readonly dimensions: readonly string[];
  /** Ascending; none twice. */
  readonly sizes: readonly WeightedSize[];
  /** A plan may be used where it is slower than the best one known by at most so much of the step time. */
  readonly mergePercent: number;
  /** What depends on data, where the plans count on it. */
  readonly fitted?: readonly FittedDimension[];
  /**
   * Fewest recomputations first: the first that is valid for a size is the one to use. Absent once something has
   * changed that the plans depend on.
   */
  readonly plans?: readonly SizedPlan[];
}

export const defaultMergePercent = 2;

/** Is a size no larger than another in any dimension? */
export const isWithin = (size: Size, other: Size): boolean => size.every((x, i) => x <= other[i]);

/** The first plan that is valid for a size; undefined where none is. */
export const planForSize = (plans: readonly SizedPlan[], size: Size): SizedPlan | undefined =>
  plans.find(({ upTo, exactly }) =>
    upTo.some((corner) => isWithin(size, corner) && (!exactly || isWithin(corner, size))),
  );

/** A plan of a table as the one plan of its file. */
export const asOnePlan = (plan: Plan, { planner, decisions, recomputations, offloads }: SizedPlan): Plan => ({
  ...plan,
  ...{ planner, decisions, recomputations, offloads },
  sizes: undefined,
});

/** The sizes after an edit that left them alone: without plans where these were made for other inputs. */
export function keptSizes(sizes: SizePlan, before: PlanInputs, after: PlanInputs): SizePlan {
  const changing = [...sizes.dimensions, ...(sizes.fitted ?? []).map(({ dimension }) => dimension)];
  const text = (inputs: PlanInputs): string => madeFrom(inputs, changing);
  return before === after || text(before) === text(after) ? sizes : { ...sizes, plans: undefined };
}

/** What plans for sizes of these dimensions depend on; the sizes that the one plan on screen has are no part of it. */
function madeFrom(inputs: PlanInputs, dimensions: readonly string[]): string {
  const { workload } = inputs;
  const dims = Object.entries(workload.dims).filter(([name]) => !dimensions.includes(name));
  const sorted = dims.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ ...inputs, sizes: undefined, workload: { ...workload, dims: sorted } });
}
