import type { PlanInputs } from '../../plan/planInputs';
import type { Size, SizedPlan } from '../../plan/sizePlan';
import { decisionsOf } from '../../planners/decisionsOf';
import type { PlannedSizes } from '../../planners/input-sizes/planSizes';
import { largestOf, type TableRow } from '../../planners/input-sizes/planTable';
import type { SizedProblem } from '../../planners/input-sizes/sizedPlanning';
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
  { problem: { model, layers, strategy }, planned: { candidates, costs }, isExactly }: PlannedPart,
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
  const decisions = decisionsOf(model.template, layers, candidate.recomputations, strategy);
  const isRange = largest.length === 1 && (!isExactly || sizes.length === 1);
  return {
    ...(isRange ? { range: [sizes[0][0], sizes[sizes.length - 1][0]] as const } : {}),
    ...(isExactly ? { exactly: true } : {}),
    upTo,
    planner: candidate.planner,
    recomputed: decisions.filter(({ choice }) => choice === 'recompute').map(({ target }) => target),
    peakBytes: Math.max(...sizes.map((size) => candidate.peaks.at(size))),
    overheadPercent: [Math.min(...overheads), Math.max(...overheads)],
    regretPercent: Math.max(...regrets),
    share: sizes.reduce((sum, size) => sum + shareOf(size), 0),
    proof: isFitted ? 'fitted' : candidate.peaks.isMonotone ? 'monotone' : 'checked',
    edit: { kind: 'workload', changes: { dims: inputsAt(largest).workload.dims } },
  };
}

/** The rows as plan files have them, each simulated at its sizes. Throws as `verified` does. */
export function sizedPlansOf(
  { problem: { model, layers, strategy }, planned: { candidates, rows } }: PlannedPart,
  shown: readonly SizeRow[],
  { recognised, inputsAt }: RowContext,
): SizedPlan[] {
  return rows.map((row, r) => {
    const candidate = candidates[row.candidate];
    const { upTo, exactly } = shown[r];
    return {
      upTo,
      ...(exactly ? { exactly } : {}),
      planner: candidate.planner,
      decisions: decisionsOf(model.template, layers, candidate.recomputations, strategy),
      ...(strategy === 'schedule'
        ? { recomputations: namedRepeats(model.template, candidate.recomputations) }
        : {}),
      ...verified(recognised, inputsAt, upTo, candidate),
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
