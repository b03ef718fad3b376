import type { Job } from '../../../base/job';
import { deviceClasses } from '../deviceClasses';
import type { Placement } from '../problem';
import { unplaced, type LatencyModel } from './latencyModel';
import type { ListSchedule } from './listSchedule';

/** How often others may run: after this many tasks have been timed. */
const tasksBetweenCheckpoints = 1 << 16;

/** What a search has found under one sequence of the tasks. */
export interface BranchResult {
  /** The best placement; absent when none is better than the one to beat. */
  readonly placement?: Placement;
  readonly makespanMs: number;
  /** Everything has been looked at: under this sequence nothing is faster. */
  readonly isOptimal: boolean;
}

export interface BranchOptions {
  readonly groups?: readonly number[];
  /** Ends the search early, with the best so far. */
  readonly isOver?: () => boolean;
}

/**
 * The fastest placement under the sequence of a schedule, by branch and bound over `groups` (all by default; the others
 * stay where `start` has them). Groups without a device count as bound: they run at their fastest and wait for no device
 * and no transfer, and a list schedule never ends earlier when delays are added to it. Of devices that are alike and
 * empty only the first is tried. Ends early after timing `mostTimed` placements, whole or in part.
 */
export async function branchPlacements(
  schedule: ListSchedule,
  start: Placement,
  incumbentMs: number,
  mostTimed: number,
  job: Job,
  { groups, isOver }: BranchOptions = {},
): Promise<BranchResult> {
  const search = new Branching(schedule, start, incumbentMs, mostTimed, job, groups, isOver);
  await search.visit(0);
  return { placement: search.best, makespanMs: search.bestMs, isOptimal: !search.isStopped };
}

class Branching {
  best?: Placement;
  isStopped = false;
  private timed = 0;
  private readonly placement: Placement;
  private readonly model: LatencyModel;
  private readonly groups: readonly number[];
  private readonly classes: Uint8Array;
  private readonly usedBytes: Float64Array;
  private readonly checkpointEvery: number;
  /** By device: how many groups it has. */
  private readonly held: Int32Array;

  constructor(
    private readonly schedule: ListSchedule,
    start: Placement,
    public bestMs: number,
    private readonly mostTimed: number,
    private readonly job: Job,
    groups: readonly number[] | undefined,
    private readonly isOver: (() => boolean) | undefined,
  ) {
    const { model } = schedule;
    this.model = model;
    this.checkpointEvery = Math.max(1, Math.floor(tasksBetweenCheckpoints / (1 + model.taskCount)));
    this.placement = start.slice();
    this.classes = deviceClasses(model.problem);
    this.groups = groups ?? groupsBySequence(schedule);
    for (const group of this.groups) this.placement[group] = unplaced;
    this.usedBytes = new Float64Array(model.deviceCount);
    this.held = new Int32Array(model.deviceCount);
    this.placement.forEach((device, group) => {
      if (device === unplaced) return;
      this.usedBytes[device] += model.problem.groupBytes[group];
      this.held[device]++;
    });
  }

  async visit(depth: number): Promise<void> {
    if (depth === this.groups.length) {
      const makespanMs = this.schedule.makespan(this.placement, 0, this.bestMs);
      if (makespanMs >= this.bestMs) return;
      this.bestMs = makespanMs;
      this.best = this.placement.slice();
      return;
    }
    const { placement, schedule, usedBytes, held, classes } = this;
    const { groupBytes, memoryBytes } = this.model.problem;
    const group = this.groups[depth];
    const before = this.timed;
    const options: { device: number; boundMs: number }[] = [];
    for (const device of this.model.allowed[group]) {
      if (usedBytes[device] + groupBytes[group] > memoryBytes[device]) continue;
      if (held[device] === 0 && hasEmptyTwin(classes, held, device)) continue;
      placement[group] = device;
      const boundMs = schedule.makespan(placement, 0, this.bestMs);
      this.timed++;
      if (boundMs < this.bestMs) options.push({ device, boundMs });
    }
    const { checkpointEvery } = this;
    if (Math.floor(this.timed / checkpointEvery) > Math.floor(before / checkpointEvery)) {
      await this.job.checkpoint();
      if (this.isOver?.()) this.isStopped = true;
    }
    if (this.timed > this.mostTimed) this.isStopped = true;
    options.sort((a, b) => a.boundMs - b.boundMs);
    for (const { device, boundMs } of options) {
      if (boundMs >= this.bestMs || this.isStopped) break;
      placement[group] = device;
      usedBytes[device] += groupBytes[group];
      held[device]++;
      await this.visit(depth + 1);
      usedBytes[device] -= groupBytes[group];
      held[device]--;
    }
    placement[group] = unplaced;
  }
}

/** Is there an earlier empty device that is like this one? */
function hasEmptyTwin(classes: Uint8Array, held: Int32Array, device: number): boolean {
  for (let other = classes[device]; other < device; other++)
    if (classes[other] === classes[device] && held[other] === 0) return true;
  return false;
}

/** All groups, by the first of their tasks in the sequence. */
export function groupsBySequence({ model, sequence }: ListSchedule): number[] {
  const groups = new Set<number>();
  for (const task of sequence) groups.add(model.problem.groupOf[task]);
  return [...groups];
}
