import type { LinearProgramBuilder } from '../../../solvers/linearProgram';
import type { LatencyModel } from './latencyModel';

export type Term = readonly [column: number, coefficient: number];

/** The columns of a latency program that its parts share. */
export interface ProgramColumns {
  readonly model: LatencyModel;
  readonly builder: LinearProgramBuilder;
  /** By group and device; −1 where it may not be. */
  readonly place: Int32Array;
  /** By task. */
  readonly start: readonly number[];
  /** How columns beside placement and starts follow from the others. */
  readonly derived: { readonly column: number; readonly of: (point: Float64Array) => number }[];
  readonly unitsPerMs: number;
  /** Only schedules faster than this are looked for. */
  readonly upperMs: number;
}

/** Notes how the column added last follows from others. */
export function derive({ builder, derived }: ProgramColumns, of: (point: Float64Array) => number): void {
  derived.push({ column: builder.columnCount - 1, of });
}

/** What a task takes where its group is. */
export function durationTerms(
  { model, place, unitsPerMs }: ProgramColumns,
  task: number,
  sign: number,
): Term[] {
  const group = model.problem.groupOf[task];
  return Array.from(model.allowed[group], (device): Term => [
    place[group * model.deviceCount + device],
    sign * model.problem.durationMs[device * model.taskCount + task] * unitsPerMs,
  ]);
}

export const negated = (terms: readonly Term[]): Term[] =>
  terms.map(([column, value]): Term => [column, -value]);

/** Terms with the same column as one: a row must not name a column twice. */
export function summed(terms: readonly Term[]): Term[] {
  const sums = new Map<number, number>();
  for (const [column, value] of terms) sums.set(column, (sums.get(column) ?? 0) + value);
  return [...sums];
}
