import type { PlanInputs } from '../../plan/planInputs';
import type { Decision } from '../../plan/plan';
import type { Size, SizedPlan } from '../../plan/sizePlan';
import { plannedOffloads } from '../../plan/plannedOffloads';
import { decisionsOf, offloadDecisions } from '../../planners/decisionsOf';
import { directivesOfPaged } from '../../planners/input-sizes/pagedCandidate';
import type { PlannedSizes } from '../../planners/input-sizes/planSizes';
import { largestOf, type TableRow } from '../../planners/input-sizes/planTable';
import type { SizedModel } from '../../planners/input-sizes/sizedModel';
import type { SizedCandidate, SizedProblem } from '../../planners/input-sizes/sizedPlanning';
import { sizeKey } from '../../planners/input-sizes/sizeLattice';
import type { RecognisedGraph } from '../../recognition/recognise';
import type { SizePoint, SizeRow } from './sizesModel';
import { namedRepeats, verified } from './verifiedRow';

/** Sizes at which the step has the same computations, and the plans for them. */
export interface PlannedPart {
  readonly problem: SizedProblem;
  readonly planned: PlannedSizes;
  /** At other sizes, smaller ones too, the step is another one. */
  readonly isExactly: boolean;
}

/** What rows are told with. */
export interface RowContext {
  readonly recognised: RecognisedGraph;
  readonly inputsAt: (size: Size) => PlanInputs;
  /** Of all batches, 0..1. */
  readonly shareOf: (size: Size) => number;
  /** What depends on data is a fit. */
  readonly isFitted: boolean;
}

/** The points of a part; `firstRow`: index of its first row among all rows. */
export function pointsOf(
  { planned: { candidates, costs, rows } }: PlannedPart,
  { shareOf }: RowContext,
  firstRow: number,
): SizePoint[] {
  const rowOf = new Map(rows.flatMap(({ sizes }, row) => sizes.map((s) => [s, row] as const)));
  return costs.sizes.map((size, s) => {
    const row = rowOf.get(s);
    const keepAllPeakBytes = candidates[0].peaks.at(size);
    const point = { size, share: shareOf(size), keepAllPeakBytes, keepAllMs: costs.keepAllMs[s] };
    if (row === undefined) return point;
    const { candidate } = rows[row];
    const peakBytes = candidates[candidate].peaks.at(size);
    const bestMs = costs.stepMs[costs.best[s]][s];
    return {
      ...point,
      planned: { row: firstRow + row, peakBytes, stepMs: costs.stepMs[candidate][s], bestMs },
    };
  });
}

export const rowsOf = (part: PlannedPart, context: RowContext): SizeRow[] =>
  part.planned.rows.map((row) => sizeRow(row, part, context));

function sizeRow(
  row: TableRow,
  { problem, planned: { candidates, costs }, isExactly }: PlannedPart,
  { inputsAt, shareOf, isFitted }: RowContext,
): SizeRow {
  const candidate = candidates[row.candidate];
  const stepMs = costs.stepMs[row.candidate];
  const sizes = row.sizes.map((s) => costs.sizes[s]);
  const overheads = row.sizes.map((s) =>
    costs.keepAllMs[s] > 0 ? 100 * (stepMs[s] / costs.keepAllMs[s] - 1) : 0,
  );
  const regrets = row.sizes.map((s) => 100 * (stepMs[s] / costs.stepMs[costs.best[s]][s] - 1));
  const upTo = isExactly ? sizes : largestOf(sizes);
  const largest = upTo[upTo.length - 1];
  const decisions = decisionsOfCandidate(candidate, problem);
  const isRange = largest.length === 1 && (!isExactly || sizes.length === 1);
  return {
    ...(isRange ? { range: [sizes[0][0], sizes[sizes.length - 1][0]] as const } : {}),
    ...(isExactly ? { exactly: true } : {}),
    upTo,
    planner: candidate.planner,
    recomputed: decisions.filter(({ choice }) => choice === 'recompute').map(({ target }) => target),
    ...offloadedOf(candidate, problem.model, largest),
    peakBytes: Math.max(...sizes.map((size) => candidate.peaks.at(size))),
    overheadPercent: [Math.min(...overheads), Math.max(...overheads)],
    regretPercent: Math.max(...regrets),
    share: sizes.reduce((sum, size) => sum + shareOf(size), 0),
    proof: isFitted ? 'fitted' : candidate.peaks.isMonotone ? 'monotone' : 'checked',
    edit: { kind: 'workload', changes: { dims: inputsAt(largest).workload.dims } },
  };
}

function decisionsOfCandidate(
  { recomputations, paged }: SizedCandidate,
  { model: { template }, layers, strategy }: SizedProblem,
): Decision[] {
  const chosen = decisionsOf(template, layers, recomputations, strategy);
  return [...chosen, ...offloadDecisions(template, layers, chosen, paged?.paging.offloads)];
}

/** What a plan sends away; nothing for one that only recomputes. */
function offloadedOf(
  { paged }: SizedCandidate,
  model: SizedModel,
  largest: Size,
): Pick<SizeRow, 'offloaded' | 'offloadedBytes'> {
  if (!paged) return {};
  const { offloads } = paged.paging;
  const { producer, nodeName } = model.template;
  const { valueBytes } = model.stepAt(largest);
  return {
    offloaded: [...new Set(Array.from(offloads, (value) => nodeName[producer[value]]))],
    offloadedBytes: offloads.reduce((sum, value) => sum + valueBytes[value], 0),
  };
}

/** The rows as plan files have them, each simulated at its sizes. Throws as `verified` does. */
export function sizedPlansOf(
  { problem, planned: { candidates, rows } }: PlannedPart,
  shown: readonly SizeRow[],
  { recognised, inputsAt }: RowContext,
): SizedPlan[] {
  const { model, strategy, budgetBytes } = problem;
  return rows.map((row, r) => {
    const candidate = candidates[row.candidate];
    const { recomputations, paged } = candidate;
    const { template } = model;
    const { upTo, exactly } = shown[r];
    return {
      upTo,
      ...(exactly ? { exactly } : {}),
      planner: candidate.planner,
      decisions: decisionsOfCandidate(candidate, problem),
      ...(strategy === 'schedule' ? { recomputations: namedRepeats(template, recomputations) } : {}),
      ...(paged
        ? { offloads: plannedOffloads(template, directivesOfPaged(recomputations, paged.paging)) }
        : {}),
      ...verified(recognised, inputsAt, upTo, budgetBytes, candidate),
    };
  });
}

/** The least peak that any plan was found to have at a size; of the part whose step it is. */
export function leastBytes(parts: readonly PlannedPart[], size: Size): number {
  const isOf = ({ planned }: PlannedPart): boolean =>
    planned.costs.sizes.some((other) => sizeKey(other) === sizeKey(size));
  return Math.min(
    ...parts.filter(isOf).flatMap(({ planned }) => planned.candidates.map(({ peaks }) => peaks.at(size))),
  );
}
