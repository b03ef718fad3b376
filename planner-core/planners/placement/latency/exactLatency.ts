import type { Job } from '../../../base/job';
import type { MilpEngine } from '../../../solvers/engine';
import { latencyWindows } from '../bounds/latencyWindows';
import type { Placement } from '../problem';
import type { AnnealedPlacement } from './annealPlacement';
import type { LatencyModel } from './latencyModel';
import { LatencyProgram } from './latencyProgram';
import { ListSchedule } from './listSchedule';
import { latencyTimeline } from './timeline';
import type { Transfer, TransferConflict } from './transferConflicts';

const relativeTolerance = 1e-6;

export interface ExactLimits {
  /** For each program. */
  readonly timeLimitS: number;
  /** Programs that are solved at most, each with more transfers kept apart. */
  readonly rounds: number;
  readonly isOver?: () => boolean;
}

export interface ExactLatency {
  /** The best schedule known: the one given or a faster one. */
  readonly best: AnnealedPlacement;
  /** Proven: no schedule is faster. */
  readonly boundMs: number;
  readonly isOptimal: boolean;
}

/**
 * Improves a schedule and proves how good it is by mixed-integer programs: the first lets transfers overlap on their
 * channels; where that makes its answer longer than it thought, the transfers that met are kept apart in the next.
 * `isOrderFixed`: devices keep to the sequence of the schedule given. A failure of the engine ends it with what is known.
 */
export async function exactLatency(
  model: LatencyModel,
  start: AnnealedPlacement,
  isOrderFixed: boolean,
  engine: MilpEngine,
  limits: ExactLimits,
  job: Job,
): Promise<ExactLatency> {
  const windows = latencyWindows(model);
  let best = start;
  let boundMs = windows.pathMs;
  const conflicts: TransferConflict[] = [];
  const isClosed = (): boolean => best.makespanMs <= boundMs * (1 + relativeTolerance) + 1e-9;
  for (let round = 0; round < limits.rounds && !isClosed(); round++) {
    await job.checkpoint();
    if (limits.isOver?.()) break;
    const sequence = isOrderFixed ? start.sequence : undefined;
    const program = new LatencyProgram(model, windows, best.makespanMs, sequence, conflicts);
    const stop = new AbortController();
    const stopIfOver = (): void => {
      if (limits.isOver?.()) stop.abort();
      void job.checkpoint().catch(() => stop.abort());
    };
    const ticking = setInterval(stopIfOver, 50);
    const { bound, incumbent } = await engine
      .solve(program.program, {
        timeLimitS: limits.timeLimitS,
        start: program.pointOf(best.placement, best.sequence),
        signal: stop.signal,
      })
      .finally(() => clearInterval(ticking));
    await job.checkpoint();
    // The program only holds schedules up to the best known: none at all means that none is faster.
    if (bound > -Infinity) boundMs = Math.max(boundMs, Math.min(bound / program.unitsPerMs, best.makespanMs));
    if (!incumbent || stop.signal.aborted) break;
    const placement = program.placementOf(incumbent.values);
    const order = program.sequenceOf(incumbent.values);
    if (model.memoryExcess(placement) > 0) break;
    const makespanMs = new ListSchedule(model, order).makespan(placement);
    if (makespanMs < best.makespanMs) best = { placement, sequence: order, makespanMs };
    if (isClosed() || !noteConflicts(model, placement, order, conflicts)) break;
  }
  // What the engine's tolerance leaves open is closed.
  return { best, boundMs: isClosed() ? best.makespanMs : boundMs, isOptimal: isClosed() };
}

/** Adds the pairs of transfers that wait for each other in a schedule; false when all are known. */
function noteConflicts(
  model: LatencyModel,
  placement: Placement,
  sequence: Int32Array,
  conflicts: TransferConflict[],
): boolean {
  const { operations } = latencyTimeline(model, placement, sequence);
  const known = conflicts.length;
  const transferOf = ({ result, from, device }: (typeof operations)[number]): Transfer => ({
    result,
    from,
    to: device,
  });
  const isSame = (a: Transfer, b: Transfer): boolean =>
    a.result === b.result && a.from === b.from && a.to === b.to;
  for (const operation of operations) {
    if (operation.reason !== 'channel busy') continue;
    const first = transferOf(operations[operation.after]);
    const second = transferOf(operation);
    const isKnown = conflicts.some(
      (pair) =>
        (isSame(pair.first, first) && isSame(pair.second, second)) ||
        (isSame(pair.first, second) && isSame(pair.second, first)),
    );
    if (!isKnown) conflicts.push({ first, second });
  }
  return conflicts.length > known;
}
