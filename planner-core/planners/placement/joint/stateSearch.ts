import type { Job } from '../../../base/job';
import { dearestCopies, fastestRest, type JointAction, type JointProblem } from './jointProblem';
import { slotsOf, wantedSlots, type Slots } from './slots';
import { StateQueue } from './stateQueue';

/** States looked at before the search gives up. */
const mostStates = 400_000;

/** The least time and a schedule that takes it; no schedule when none keeps to the limits. */
export interface JointOptimum {
  readonly timeMs: number;
  readonly actions: readonly JointAction[] | undefined;
}

/**
 * The optimum of a small joint problem, by A* over what is where: from any state any task whose inputs are on a device
 * may run there, any result may be copied, and anything may be dropped to make room. The time left is at least that of
 * the fastest first runs to come, so the first schedule found is the best. Things are dropped
 * only when room is needed. undefined when there are too many slots, or states.
 */
export async function searchJointStates(problem: JointProblem, job: Job): Promise<JointOptimum | undefined> {
  const slots = slotsOf(problem);
  return slots && new StateSearch(problem, slots, job).run();
}

interface State {
  readonly next: number;
  readonly there: number;
  readonly timeMs: number;
  readonly from: State | undefined;
  readonly move: Move | undefined;
}

/** A run (of `task` on `to`) or a copy of its result. `reads`: the slots that must be there. */
interface Move {
  readonly task: number;
  readonly from: number;
  readonly to: number;
  readonly reads: number;
}

class StateSearch {
  private readonly wanted: Int32Array;
  private readonly rest: Float64Array;
  private readonly dearest: Float64Array;
  /** The slots of copies that wait for their reader: one that never comes would have cost more. */
  private readonly waiting: number;
  private readonly entriesOf: number[][];
  private readonly best = new Map<number, number>();
  private readonly queue = new StateQueue<State>();

  constructor(
    private readonly problem: JointProblem,
    private readonly slots: Slots,
    private readonly job: Job,
  ) {
    this.wanted = wantedSlots(problem, slots);
    this.rest = fastestRest(problem);
    this.dearest = dearestCopies(problem);
    this.waiting = slots.reserved.reduce((mask, bit) => mask | bit, 0);
    this.entriesOf = Array.from({ length: problem.taskCount }, () => []);
    problem.inputs.items.forEach((task, entry) => this.entriesOf[task].push(entry));
  }

  async run(): Promise<JointOptimum | undefined> {
    const { taskCount } = this.problem;
    this.reach({ next: 0, there: 0, timeMs: 0, from: undefined, move: undefined });
    let states = 0;
    for (let state = this.queue.pop(); state; state = this.queue.pop()) {
      if (this.best.get(keyOf(state))! < state.timeMs) continue;
      if (state.next === taskCount && !(state.there & this.waiting) && this.holdsKept(state.there))
        return { timeMs: state.timeMs, actions: this.actionsOf(state) };
      if (++states > mostStates) return undefined;
      if (states % 500 === 0) await this.job.checkpoint();
      this.expand(state);
    }
    return { timeMs: Infinity, actions: undefined };
  }

  private expand(state: State): void {
    const { taskCount, deviceCount } = this.problem;
    const wanted = this.wanted[state.next];
    for (let task = 0; task <= state.next && task < taskCount; task++) {
      for (let device = 0; device < deviceCount; device++) {
        const isOfUse =
          task === state.next || this.slots.open[task * deviceCount + device] & wanted & ~state.there;
        if (isOfUse) this.compute(state, task, device);
        if (task < state.next) this.copyTo(state, task, device);
      }
    }
  }

  private compute(state: State, task: number, device: number): void {
    const { problem, slots } = this;
    const { inputs, deviceCount, taskCount, durationMs, resultBytes } = problem;
    const duration = durationMs[device * taskCount + task];
    if (duration === Infinity) return;
    let reads = 0;
    let opened = 0;
    for (let entry = inputs.offsets[task]; entry < inputs.offsets[task + 1]; entry++) {
      const open = slots.open[inputs.items[entry] * deviceCount + device];
      const found = state.there & (open | slots.reserved[entry * deviceCount + device]);
      if (!found) return;
      reads |= found;
      opened |= open;
    }
    const pair = task * deviceCount + device;
    const makes = slots.open[pair];
    if (state.there & slots.any[pair] & this.waiting) return;
    const bytes = state.there & slots.any[pair] ? 0 : resultBytes[task];
    const next = Math.max(state.next, task + 1);
    for (const left of this.afterMakingRoom(state.there, reads | slots.any[pair], bytes, device)) {
      const there = (left & ~reads & ~slots.any[pair]) | opened | makes;
      if (there & this.waiting & ~this.wanted[next]) continue;
      this.reach({
        next,
        there: there & this.wanted[next],
        timeMs: state.timeMs + duration,
        from: state,
        move: { task, from: device, to: device, reads },
      });
    }
  }

  private copyTo(state: State, task: number, to: number): void {
    const { problem, slots } = this;
    const { deviceCount, copyMs, resultBytes } = problem;
    const pair = task * deviceCount + to;
    if (state.there & slots.any[pair]) return;
    const wanted = this.wanted[state.next];
    const entries = this.entriesOf[task].filter((entry) => slots.reserved[entry * deviceCount + to] & wanted);
    for (let from = 0; from < deviceCount; from++) {
      const source = state.there & slots.any[task * deviceCount + from];
      if (!source || from === to) continue;
      const copy = (makes: number, price: number): void => {
        if (price === Infinity || !(makes & wanted)) return;
        for (const left of this.afterMakingRoom(state.there, 0, resultBytes[task], to)) {
          this.reach({
            next: state.next,
            there: left | makes,
            timeMs: state.timeMs + price,
            from: state,
            move: { task, from, to, reads: source },
          });
        }
      };
      const direction = from * deviceCount + to;
      copy(slots.open[pair], this.dearest[task * deviceCount * deviceCount + direction]);
      for (const entry of entries)
        copy(slots.reserved[entry * deviceCount + to], copyMs[entry * deviceCount * deviceCount + direction]);
    }
  }

  /** What can be there once `bytes` more fit a device: dropped for it is nothing that could have stayed. */
  private afterMakingRoom(there: number, fixed: number, bytes: number, device: number): number[] {
    const { slots, problem } = this;
    let excess = bytes - problem.memoryBytes[device];
    const droppable: number[] = [];
    for (let slot = 0; slot < slots.task.length; slot++) {
      if (!((there >> slot) & 1) || slots.device[slot] !== device) continue;
      excess += slots.bytes[slot];
      if (!(((fixed | this.waiting) >> slot) & 1) && slots.bytes[slot] > 0) droppable.push(slot);
    }
    const found: number[] = [];
    const drop = (from: number, left: number, excessLeft: number): void => {
      if (!(excessLeft > 0)) {
        found.push(left);
        return;
      }
      for (let i = from; i < droppable.length; i++)
        drop(i + 1, left & ~(1 << droppable[i]), excessLeft - slots.bytes[droppable[i]]);
    };
    drop(0, there, excess);
    return found;
  }

  private reach(state: State): void {
    const key = keyOf(state);
    if ((this.best.get(key) ?? Infinity) <= state.timeMs) return;
    this.best.set(key, state.timeMs);
    this.queue.push(state, state.timeMs + this.rest[state.next]);
  }

  private holdsKept(there: number): boolean {
    const { isKept, deviceCount, taskCount } = this.problem;
    for (let task = 0; task < taskCount; task++) {
      if (!isKept[task]) continue;
      let any = 0;
      for (let device = 0; device < deviceCount; device++)
        any |= this.slots.open[task * deviceCount + device];
      if (!(there & any)) return false;
    }
    return true;
  }

  /** What led to a state, with the frees in between. */
  private actionsOf(last: State): JointAction[] {
    const { slots, problem } = this;
    const path: State[] = [];
    for (let state: State | undefined = last; state?.from; state = state.from) path.push(state);
    const actions: JointAction[] = [];
    const free = (gone: number): void => {
      for (let slot = 0; slot < slots.task.length; slot++)
        if ((gone >> slot) & 1)
          actions.push({ op: 'free', task: slots.task[slot], device: slots.device[slot] });
    };
    for (const { there, move, from } of path.reverse()) {
      const { task, to, reads } = move!;
      const made = slots.any[task * problem.deviceCount + to];
      const isCopy = move!.from !== to;
      // A copy that has been read is open from then on: it is still there.
      let stays = 0;
      for (let slot = 0; slot < slots.task.length; slot++) {
        const all = slots.any[slots.task[slot] * problem.deviceCount + slots.device[slot]];
        if (there & all) stays |= all;
      }
      const gone = from!.there & ~stays;
      free(gone & ~reads & ~made);
      if (isCopy) actions.push({ op: 'copy', task, from: move!.from, to });
      else actions.push({ op: 'compute', task, device: to });
      free(gone & reads);
      if (!(there & made)) actions.push({ op: 'free', task, device: to });
    }
    return actions;
  }
}

const keyOf = ({ next, there }: State): number => next * 2 ** 31 + (there >>> 0);
