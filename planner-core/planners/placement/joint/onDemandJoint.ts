import type { JointAction, JointProblem } from './jointProblem';

/** How often one first run may ask for others before the attempt is given up. */
const mostRunsEach = 200;

/**
 * A schedule that runs each task first on a given device: what it reads is there, is copied from where it is, or is made
 * again there, whichever is quickest; what is read last, or never again, makes room first (Belady). undefined when it
 * does not fit that way.
 */
export function runOnDemand(problem: JointProblem, deviceOf: Uint8Array): JointAction[] | undefined {
  return new OnDemand(problem, deviceOf).run();
}

class OnDemand {
  private readonly actions: JointAction[] = [];
  private readonly there: Uint8Array;
  private readonly pinned: Int32Array;
  private readonly live: Float64Array;
  /** By task: who reads it, in order. */
  private readonly readers: number[][];
  private next = 0;
  private runs = 0;

  constructor(
    private readonly problem: JointProblem,
    private readonly deviceOf: Uint8Array,
  ) {
    const { taskCount, deviceCount, inputs } = problem;
    this.there = new Uint8Array(taskCount * deviceCount);
    this.pinned = new Int32Array(taskCount * deviceCount);
    this.live = new Float64Array(deviceCount);
    this.readers = Array.from({ length: taskCount }, () => []);
    for (let task = 0; task < taskCount; task++)
      for (let i = inputs.offsets[task]; i < inputs.offsets[task + 1]; i++)
        this.readers[inputs.items[i]].push(task);
  }

  run(): JointAction[] | undefined {
    const { taskCount, deviceCount, isKept } = this.problem;
    for (; this.next < taskCount; this.next++) {
      this.runs = 0;
      if (!this.compute(this.next, this.deviceOf[this.next], 0)) return undefined;
      this.dropUseless();
    }
    for (let task = 0; task < taskCount; task++) {
      const row = this.there.subarray(task * deviceCount, (task + 1) * deviceCount);
      if (isKept[task] && !row.includes(1)) return undefined;
    }
    return this.actions;
  }

  private compute(task: number, device: number, depth: number): boolean {
    const { inputs, taskCount, deviceCount, durationMs } = this.problem;
    if (durationMs[device * taskCount + task] === Infinity || ++this.runs > mostRunsEach) return false;
    const held: number[] = [];
    let isReady = true;
    for (let entry = inputs.offsets[task]; isReady && entry < inputs.offsets[task + 1]; entry++) {
      isReady = this.fetch(inputs.items[entry], entry, device, depth);
      if (!isReady) break;
      const pair = inputs.items[entry] * deviceCount + device;
      this.pinned[pair]++;
      held.push(pair);
    }
    isReady &&= this.put(task, device);
    if (isReady) this.actions.push({ op: 'compute', task, device });
    for (const pair of held) this.pinned[pair]--;
    return isReady;
  }

  /** Has a result on a device, by a copy or by making it there. */
  private fetch(task: number, entry: number, device: number, depth: number): boolean {
    const { deviceCount, taskCount, copyMs, durationMs } = this.problem;
    if (this.there[task * deviceCount + device]) return true;
    let from = -1;
    let least = Infinity;
    for (let source = 0; source < deviceCount; source++) {
      const price = copyMs[(entry * deviceCount + source) * deviceCount + device];
      if (!this.there[task * deviceCount + source] || price >= least) continue;
      from = source;
      least = price;
    }
    const isQuicker = this.hasInputs(task, device) && durationMs[device * taskCount + task] < least;
    if (from < 0 || isQuicker) return depth < taskCount && this.compute(task, device, depth + 1);
    this.pinned[task * deviceCount + from]++;
    const isPut = this.put(task, device);
    this.pinned[task * deviceCount + from]--;
    if (isPut) this.actions.push({ op: 'copy', task, from, to: device });
    return isPut;
  }

  private hasInputs(task: number, device: number): boolean {
    const { inputs, deviceCount } = this.problem;
    for (let i = inputs.offsets[task]; i < inputs.offsets[task + 1]; i++)
      if (!this.there[inputs.items[i] * deviceCount + device]) return false;
    return true;
  }

  /** Room for a result, and the result in it. */
  private put(task: number, device: number): boolean {
    const { deviceCount, taskCount, resultBytes, memoryBytes } = this.problem;
    const pair = task * deviceCount + device;
    if (this.there[pair]) return true;
    while (this.live[device] + resultBytes[task] > memoryBytes[device]) {
      let victim = -1;
      let latest = -1;
      for (let other = 0; other < taskCount; other++) {
        const there = other * deviceCount + device;
        if (!this.there[there] || this.pinned[there] || resultBytes[other] === 0) continue;
        if (this.problem.isKept[other] && this.isOnlyHere(other)) continue;
        const use = this.nextUse(other);
        if (use > latest) [latest, victim] = [use, other];
      }
      if (victim < 0) return false;
      this.free(victim, device);
    }
    this.there[pair] = 1;
    this.live[device] += resultBytes[task];
    return true;
  }

  private isOnlyHere(task: number): boolean {
    const { deviceCount } = this.problem;
    let count = 0;
    for (let device = 0; device < deviceCount; device++) count += this.there[task * deviceCount + device];
    return count === 1;
  }

  private nextUse(task: number): number {
    return this.readers[task].find((reader) => reader >= this.next) ?? Infinity;
  }

  private free(task: number, device: number): void {
    this.there[task * this.problem.deviceCount + device] = 0;
    this.live[device] -= this.problem.resultBytes[task];
    this.actions.push({ op: 'free', task, device });
  }

  /** What no first run to come reads. */
  private dropUseless(): void {
    const { deviceCount, isKept } = this.problem;
    for (let task = 0; task <= this.next; task++) {
      if (isKept[task] || this.readers[task].some((reader) => reader > this.next)) continue;
      for (let device = 0; device < deviceCount; device++)
        if (this.there[task * deviceCount + device]) this.free(task, device);
    }
  }
}
