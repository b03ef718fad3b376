import type { Job } from '../../../base/job';
import type { Placement } from '../problem';
import { annealPlacement, type AnnealedPlacement } from './annealPlacement';
import { branchPlacements, groupsBySequence } from './branchPlacements';
import { unplaced } from './latencyModel';
import { ListSchedule } from './listSchedule';
import { repairMemory } from './repairMemory';
import { splitModules } from './splitModules';

/** Unless told otherwise: tasks timed by all branch and bound together, and placements timed for a module at most. */
const tasksTimed = 1e7;
const mostTimedPerModule = 1000;

export interface SplittingOptions {
  /** Groups in a module at most. */
  readonly moduleSize?: number;
  /** Placements, whole or in part, that are timed for each module. */
  readonly timedPerModule?: number;
  /** Times all modules are placed anew among the others. */
  readonly sweeps?: number;
  readonly isOrderFree?: boolean;
  /** Ends the search early, with what is found; undefined while not everything is placed. */
  readonly isOver?: () => boolean;
}

/**
 * Splits the graph into modules, places one after the other (those before stay where they are, those after run at their
 * fastest), then each anew among all others, at last windows of the sequence that lie across modules; where the order
 * is free, tasks also change places. Each module is solved by branch and bound, so the time grows with the number of
 * modules only. After DiviML (Ghannane and Abdelfattah, ICCAD 2023). undefined where memory is not kept to.
 */
export async function placeBySplitting(
  schedule: ListSchedule,
  options: SplittingOptions,
  job: Job,
): Promise<AnnealedPlacement | undefined> {
  const { model } = schedule;
  const { moduleSize = 8, sweeps = 4, isOrderFree, isOver } = options;
  const modules = splitModules(model, moduleSize);
  const calls = modules.length * (1 + 2 * sweeps);
  const share = Math.ceil(tasksTimed / (1 + model.taskCount) / (1 + calls));
  const { timedPerModule = Math.min(mostTimedPerModule, share) } = options;
  let placement: Placement = new Uint8Array(model.groupCount).fill(unplaced);
  for (const module of modules) {
    await job.checkpoint();
    if (isOver?.()) return undefined;
    const limits = { groups: module, isOver };
    const found = await branchPlacements(schedule, placement, Infinity, timedPerModule, job, limits);
    // No room for it as the modules before lie: where it is fastest, for now.
    if (found.placement) placement = found.placement;
    else for (const group of module) placement[group] = model.allowed[group][0];
  }
  const repaired = repairMemory(model, placement);
  if (!repaired) return undefined;
  placement = repaired;
  let current = schedule;
  let makespanMs = current.makespan(placement);
  for (let sweep = 0; sweep < sweeps && !isOver?.(); sweep++) {
    const before = makespanMs;
    for (const module of [...modules, ...windows(current, moduleSize, sweep)]) {
      await job.checkpoint();
      if (isOver?.()) break;
      const limits = { groups: module, isOver };
      const found = await branchPlacements(current, placement, makespanMs, timedPerModule, job, limits);
      if (!found.placement) continue;
      placement = found.placement;
      makespanMs = found.makespanMs;
    }
    const trials = 60 * model.groupCount;
    const annealed = await annealPlacement(
      new ListSchedule(model, current.sequence),
      placement,
      { trials, seed: 1 + sweep, isOrderFree, isOver },
      job,
    );
    if (annealed.makespanMs < makespanMs) {
      ({ placement, makespanMs } = annealed);
      current = new ListSchedule(model, annealed.sequence);
    }
    if (makespanMs >= before) break;
  }
  return { placement, sequence: current.sequence.slice(), makespanMs };
}

/** Runs of groups that follow each other in the sequence, shifted from sweep to sweep. */
function windows(schedule: ListSchedule, size: number, sweep: number): number[][] {
  const groups = groupsBySequence(schedule);
  const runs: number[][] = [];
  for (let at = sweep % 2 === 0 ? 0 : Math.floor(size / 2); at < groups.length; at += size)
    runs.push(groups.slice(at, at + size));
  return runs;
}
