import type { Job } from '../../../base/job';
import { sequenceOfChance } from '../../schedule/chance';
import type { Placement } from '../problem';
import type { ListSchedule } from './listSchedule';
import { roomOf } from './repairMemory';

const trialsBetweenCheckpoints = 64;

export interface AnnealOptions {
  /** Moves that are tried. */
  readonly trials: number;
  /** Not 0. */
  readonly seed: number;
  /** At the start and at the end, as shares of the makespan; 0 at both: only what is no slower is kept. */
  readonly warmth?: readonly [number, number];
  /** Also moves tasks within the sequence. */
  readonly isOrderFree?: boolean;
  /** Groups that may move; all when absent. */
  readonly groups?: readonly number[];
  /** Ends the search early. */
  readonly isOver?: () => boolean;
}

export interface AnnealedPlacement {
  readonly placement: Placement;
  readonly sequence: Int32Array;
  readonly makespanMs: number;
}

/**
 * Simulated annealing of a placement that keeps to memory: groups change to the device of a neighbour or any other, runs
 * of groups move together, two groups swap devices, and (where the order is free) tasks change places in the sequence.
 * Starts are drawn on the critical path half of the time. Deterministic for a seed.
 */
export async function annealPlacement(
  schedule: ListSchedule,
  start: Placement,
  options: AnnealOptions,
  job: Job,
): Promise<AnnealedPlacement> {
  const annealing = new Annealing(schedule, start, options);
  for (let done = 0; done < options.trials; done++) {
    if (done % trialsBetweenCheckpoints === 0) {
      await job.checkpoint();
      if (options.isOver?.()) break;
    }
    annealing.tryOne(done / options.trials);
  }
  return annealing.best;
}

class Annealing {
  best: AnnealedPlacement;
  private readonly placement: Placement;
  private readonly room: Float64Array;
  private readonly chance: () => number;
  private readonly bySequence: readonly number[];
  private readonly placeOf: Int32Array;
  private readonly movable: Uint8Array;
  private currentMs: number;
  /** Groups changed by the move at hand, and where they were. */
  private readonly changed: number[] = [];
  private readonly before: number[] = [];
  private critical: readonly number[] = [];

  constructor(
    private readonly schedule: ListSchedule,
    start: Placement,
    private readonly options: AnnealOptions,
  ) {
    const { model, sequence } = schedule;
    this.placement = start.slice();
    this.room = roomOf(model, this.placement);
    this.chance = sequenceOfChance(options.seed);
    this.movable = new Uint8Array(model.groupCount).fill(options.groups ? 0 : 1);
    for (const group of options.groups ?? []) this.movable[group] = 1;
    const groups = new Set<number>();
    for (const task of sequence)
      if (this.movable[model.problem.groupOf[task]]) groups.add(model.problem.groupOf[task]);
    this.bySequence = [...groups];
    this.placeOf = new Int32Array(model.groupCount).fill(-1);
    this.bySequence.forEach((group, at) => (this.placeOf[group] = at));
    this.currentMs = schedule.makespan(this.placement);
    if (this.currentMs < Infinity) schedule.keep();
    this.best = { placement: start.slice(), sequence: sequence.slice(), makespanMs: this.currentMs };
    this.critical = this.criticalTasks();
  }

  /** Tries a move; `progress` from 0 to 1 cools. */
  tryOne(progress: number): void {
    const [from, to] = this.options.warmth ?? [0.01, 0.0002];
    const scale = this.best.makespanMs < Infinity ? this.best.makespanMs : 0;
    const heat = scale * (from > 0 && to > 0 ? from * (to / from) ** progress : 0);
    // Metropolis' rule with its chance drawn first: what takes longer than this is not timed to its end.
    const mostMs = this.currentMs - heat * Math.log(1 - this.chance());
    const cutoffMs = mostMs + 1e-9 * (scale || 1);
    if (this.options.isOrderFree && this.chance() < 0.35) this.moveInSequence(cutoffMs);
    else this.moveGroups(cutoffMs);
  }

  private moveGroups(cutoffMs: number): void {
    const { schedule, placement } = this;
    this.changed.length = 0;
    this.before.length = 0;
    if (!this.propose() || this.changed.length === 0) {
      this.undo();
      return;
    }
    let from = Infinity;
    for (const group of this.changed) from = Math.min(from, schedule.touchedFrom(group));
    const makespanMs = schedule.makespan(placement, from, cutoffMs);
    if (makespanMs === Infinity) this.undo();
    else this.accept(makespanMs);
  }

  private moveInSequence(cutoffMs: number): void {
    const { schedule } = this;
    const task = this.someTask();
    const [low, high] = schedule.rangeOf(task);
    const at = schedule.position[task];
    // Near places more often.
    const reach = 1 + Math.floor(-Math.log(1 - this.chance()) * 3);
    const target = Math.max(low, Math.min(high, at + (this.chance() < 0.5 ? -reach : reach)));
    if (target === at) return;
    const from = schedule.moveTask(task, target);
    const makespanMs = schedule.makespan(this.placement, from, cutoffMs);
    if (makespanMs === Infinity) schedule.moveTask(task, at);
    else this.accept(makespanMs);
  }

  private accept(makespanMs: number): void {
    this.schedule.keep();
    this.currentMs = makespanMs;
    if (makespanMs < this.best.makespanMs) {
      this.best = {
        placement: this.placement.slice(),
        sequence: this.schedule.sequence.slice(),
        makespanMs,
      };
    }
    this.critical = [];
  }

  private undo(): void {
    for (let i = this.changed.length - 1; i >= 0; i--) this.put(this.changed[i], this.before[i]);
  }

  /** Changes some groups; false when memory does not allow it. */
  private propose(): boolean {
    const { model } = this.schedule;
    const group = this.someGroup();
    if (group < 0) return false;
    const kind = this.chance();
    if (kind < 0.45) return this.move(group, this.deviceNear(group));
    if (kind < 0.6) {
      const devices = model.allowed[group];
      return this.move(group, devices[Math.floor(this.chance() * devices.length)]);
    }
    if (kind < 0.75) return this.swap(group);
    return this.moveRun(group);
  }

  /** A run of groups, in the order of the sequence, to one device. */
  private moveRun(group: number): boolean {
    const device = this.deviceNear(group);
    const length = 1 + Math.floor(-Math.log(1 - this.chance()) * 5);
    const isForward = this.chance() < 0.5;
    const place = this.placeOf[group];
    const home = this.placement[group];
    const staysTogether = this.chance() < 0.7;
    for (let i = 0; i < length; i++) {
      const at = isForward ? place + i : place - i;
      if (at < 0 || at >= this.bySequence.length) break;
      const other = this.bySequence[at];
      if (staysTogether && this.placement[other] !== home) continue;
      if (!this.schedule.model.allowed[other].includes(device)) continue;
      if (!this.move(other, device)) return i > 0;
    }
    return true;
  }

  private swap(group: number): boolean {
    const other = this.bySequence[Math.floor(this.chance() * this.bySequence.length)];
    const { allowed, problem } = this.schedule.model;
    const a = this.placement[group];
    const b = this.placement[other];
    if (a === b || !allowed[group].includes(b) || !allowed[other].includes(a)) return false;
    const more = problem.groupBytes[group] - problem.groupBytes[other];
    if (more > this.room[b] || -more > this.room[a]) return false;
    this.note(group, b);
    this.note(other, a);
    return true;
  }

  /** The device of something that the group reads from or that reads it, or next to it in the sequence. */
  private deviceNear(group: number): number {
    const { model } = this.schedule;
    const { groups, groupOf } = model.problem;
    const near: number[] = [];
    const look = (task: number): void => {
      const device = this.placement[groupOf[task]];
      if (device !== this.placement[group] && model.allowed[group].includes(device)) near.push(device);
    };
    for (let i = groups.offsets[group]; i < groups.offsets[group + 1]; i++) {
      model.forEachProducer(groups.items[i], look);
      model.forEachReader(groups.items[i], look);
    }
    if (near.length === 0) {
      const devices = model.allowed[group];
      return devices[Math.floor(this.chance() * devices.length)];
    }
    return near[Math.floor(this.chance() * near.length)];
  }

  private move(group: number, device: number): boolean {
    if (device === this.placement[group]) return true;
    if (this.schedule.model.problem.groupBytes[group] > this.room[device]) return false;
    this.note(group, device);
    return true;
  }

  private note(group: number, device: number): void {
    this.changed.push(group);
    this.before.push(this.placement[group]);
    this.put(group, device);
  }

  private put(group: number, device: number): void {
    const bytes = this.schedule.model.problem.groupBytes[group];
    this.room[this.placement[group]] += bytes;
    this.room[device] -= bytes;
    this.placement[group] = device;
  }

  private someTask(): number {
    const { sequence } = this.schedule;
    if (this.chance() < 0.5) return sequence[Math.floor(this.chance() * sequence.length)];
    if (this.critical.length === 0) this.critical = this.criticalTasks();
    return this.critical[Math.floor(this.chance() * this.critical.length)];
  }

  private someGroup(): number {
    const group = this.schedule.model.problem.groupOf[this.someTask()];
    if (this.movable[group]) return group;
    return this.bySequence[Math.floor(this.chance() * this.bySequence.length)] ?? -1;
  }

  private criticalTasks(): readonly number[] {
    return this.schedule.criticalTasks(this.placement);
  }
}
