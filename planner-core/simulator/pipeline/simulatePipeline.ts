import { HeadroomError } from '../../base/errors';
import { isTrained, passOrders, transferEnds, transferMs, type Pass, type Pipeline } from './pipeline';

/** What a pipeline does with its micro-batches. */
export interface PipelineRun {
  /** [(stage * microBatches + microBatch) * 2 + (backward ? 1 : 0)]; NaN for passes that are not run. */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  /** Until everything, all-reduces and optimizer included, is done. */
  readonly makespanMs: number;
  /** Until the last stage has begun; from when the first stage (in time) has ended; what is in between. */
  readonly fillMs: number;
  readonly steadyMs: number;
  readonly drainMs: number;
  readonly deviceBusyMs: Float64Array;
  readonly channelBusyMs: Float64Array;
  /** By stage: most micro-batches in flight on one of its devices. */
  readonly mostInFlight: Int32Array;
  readonly devicePeakBytes: Float64Array;
}

/** A pass or transfer that waits for a device or channel. */
interface Work {
  readonly pass: Pass;
  /** Index into handOns; -1: a computation. */
  readonly handOn: number;
  readonly durationMs: number;
  readyMs: number;
}

/**
 * Executes a pipeline: each device runs one pass at a time, of each stage in the order of the schedule, and of several stages the
 * one that has been ready longest; each channel carries one transfer at a time, first come, first served. Throws
 * 'bad-usage' where a stage hands on to an earlier one or there is no way between devices.
 */
export function simulatePipeline(pipeline: Pipeline): PipelineRun {
  return new PipelineExecution(pipeline).run();
}

class PipelineExecution {
  private readonly startMs: Float64Array;
  private readonly endMs: Float64Array;
  private readonly isTraining: boolean;
  /** By pass: what it still waits for. */
  private readonly missing: Int32Array;
  /** Of inference: micro-batches that may be under way; one more begins when the first of them has left the last stage. */
  private readonly window: number;
  /** By micro-batch: stages it has still to leave. */
  private readonly stagesLeft: Int32Array;
  private readonly readyMs: Float64Array;
  /** By device: queues of passes, one for each stage it has; each with the position of its next. */
  private readonly queues: { passes: Pass[]; next: number }[][];
  private readonly waiting: Work[][];
  /** By resource, devices first: what it does, and until when. */
  private readonly current: (Work | undefined)[];
  private readonly untilMs: Float64Array;
  private readonly deviceBusyMs: Float64Array;
  private readonly channelBusyMs: Float64Array;

  constructor(private readonly pipeline: Pipeline) {
    const { stages, handOns, links, microBatches } = pipeline;
    if (handOns.some(({ from, to }) => from >= to))
      throw new HeadroomError('bad-usage', 'A stage of a pipeline hands on to later stages only.');
    this.isTraining = isTrained(pipeline);
    this.window = this.isTraining ? Infinity : (pipeline.inFlight?.[0] ?? Infinity);
    this.stagesLeft = new Int32Array(microBatches).fill(stages.length);
    const passes = 2 * stages.length * microBatches;
    this.startMs = new Float64Array(passes).fill(NaN);
    this.endMs = new Float64Array(passes).fill(NaN);
    this.missing = new Int32Array(passes);
    this.readyMs = new Float64Array(passes);
    this.queues = Array.from({ length: links.deviceCount }, () => []);
    this.waiting = Array.from({ length: links.channelCount }, () => []);
    const resources = links.deviceCount + links.channelCount;
    this.current = new Array<Work | undefined>(resources).fill(undefined);
    this.untilMs = new Float64Array(resources).fill(Infinity);
    this.deviceBusyMs = new Float64Array(links.deviceCount);
    this.channelBusyMs = new Float64Array(links.channelCount);
    passOrders(pipeline).forEach((order, stage) => {
      const { devices } = stages[stage];
      devices.forEach((device, turn) => {
        const own = order.filter(({ microBatch }) => microBatch % devices.length === turn);
        this.queues[device].push({ passes: own, next: 0 });
      });
      for (const pass of order) this.missing[this.indexOf(pass)] = this.inputCount(pass);
    });
  }

  run(): PipelineRun {
    let now = 0;
    while (now < Infinity) {
      this.current.forEach((work, resource) => {
        if (work && this.untilMs[resource] === now) this.finish(work, resource, now);
      });
      // What takes no time ends at once, and may let others begin.
      for (let any = true; any;) {
        any = false;
        for (let resource = 0; resource < this.current.length; resource++)
          if (!this.current[resource]) any = this.begin(resource, now) || any;
      }
      now = this.untilMs.reduce((least, ms) => Math.min(least, ms), Infinity);
    }
    return this.summary();
  }

  private indexOf({ stage, microBatch, isBackward }: Pass): number {
    return (stage * this.pipeline.microBatches + microBatch) * 2 + (isBackward ? 1 : 0);
  }

  private inputCount({ stage, microBatch, isBackward }: Pass): number {
    const { handOns } = this.pipeline;
    if (!isBackward)
      return handOns.filter(({ to }) => to === stage).length + Number(microBatch >= this.window);
    return 1 + handOns.filter(({ from }) => from === stage).length;
  }

  /** Gives a free resource its next work, if there is any; true when that is done already. */
  private begin(resource: number, now: number): boolean {
    const { deviceCount } = this.pipeline.links;
    const work = resource < deviceCount ? this.nextPass(resource) : this.nextTransfer(resource - deviceCount);
    if (!work) return false;
    const busyMs = resource < deviceCount ? this.deviceBusyMs : this.channelBusyMs;
    busyMs[resource < deviceCount ? resource : resource - deviceCount] += work.durationMs;
    if (work.handOn < 0) this.startMs[this.indexOf(work.pass)] = now;
    this.current[resource] = work;
    this.untilMs[resource] = now + work.durationMs;
    if (work.durationMs > 0) return false;
    this.finish(work, resource, now);
    return true;
  }

  private nextPass(device: number): Work | undefined {
    const { stages } = this.pipeline;
    let best: Work | undefined;
    let from: { next: number } | undefined;
    for (const queue of this.queues[device]) {
      const pass = queue.passes.at(queue.next);
      if (!pass || this.missing[this.indexOf(pass)] > 0) continue;
      const { devices, forwardMs, backwardMs } = stages[pass.stage];
      const turn = pass.microBatch % devices.length;
      const durationMs = (pass.isBackward ? backwardMs : forwardMs)[turn];
      const work = { pass, handOn: -1, durationMs, readyMs: this.readyMs[this.indexOf(pass)] };
      if (best && !isBefore(work, best)) continue;
      best = work;
      from = queue;
    }
    if (from) from.next++;
    return best;
  }

  private nextTransfer(channel: number): Work | undefined {
    const waiting = this.waiting[channel];
    let first = 0;
    for (let i = 1; i < waiting.length; i++) if (isBefore(waiting[i], waiting[first])) first = i;
    return waiting.splice(first, 1).at(0);
  }

  private finish(work: Work, resource: number, now: number): void {
    const { handOns } = this.pipeline;
    this.current[resource] = undefined;
    this.untilMs[resource] = Infinity;
    const { pass } = work;
    if (work.handOn >= 0) {
      this.arrive(work.handOn, pass, now);
      return;
    }
    this.endMs[this.indexOf(pass)] = now;
    if (!pass.isBackward && this.isTraining) this.release({ ...pass, isBackward: true }, now);
    const next = pass.microBatch + this.window;
    if (!pass.isBackward && --this.stagesLeft[pass.microBatch] === 0 && next < this.pipeline.microBatches)
      for (let stage = 0; stage < this.pipeline.stages.length; stage++)
        this.release({ stage, microBatch: next, isBackward: false }, now);
    handOns.forEach((handOn, index) => {
      if ((pass.isBackward ? handOn.to : handOn.from) === pass.stage) this.send(index, pass, now);
    });
  }

  private send(index: number, pass: Pass, now: number): void {
    const { handOns, links } = this.pipeline;
    const ends = transferEnds(this.pipeline, handOns[index], pass.microBatch, pass.isBackward);
    const durationMs = transferMs(this.pipeline, handOns[index], pass.microBatch, pass.isBackward);
    if (durationMs === Infinity)
      throw new HeadroomError('bad-usage', `There is no way from device ${ends.from} to ${ends.to}.`);
    if (durationMs === 0) this.arrive(index, pass, now);
    else {
      const channel = links.channel[ends.from * links.deviceCount + ends.to];
      this.waiting[channel].push({ pass, handOn: index, durationMs, readyMs: now });
    }
  }

  private arrive(index: number, { microBatch, isBackward }: Pass, now: number): void {
    const { from, to } = this.pipeline.handOns[index];
    this.release({ stage: isBackward ? from : to, microBatch, isBackward }, now);
  }

  private release(pass: Pass, now: number): void {
    const index = this.indexOf(pass);
    this.missing[index]--;
    this.readyMs[index] = now;
  }

  private summary(): PipelineRun {
    const { stages, links, microBatches } = this.pipeline;
    const { startMs, endMs, deviceBusyMs, channelBusyMs } = this;
    let makespanMs = 0;
    let fillMs = 0;
    let firstEndMs = Infinity;
    let lastEndMs = 0;
    const deviceEndMs = new Float64Array(links.deviceCount);
    stages.forEach(({ devices }, stage) => {
      let first = Infinity;
      let last = 0;
      for (let microBatch = 0; microBatch < microBatches; microBatch++) {
        const at = (stage * microBatches + microBatch) * 2;
        first = Math.min(first, startMs[at]);
        const end = this.isTraining ? endMs[at + 1] : endMs[at];
        last = Math.max(last, end);
        const device = devices[microBatch % devices.length];
        deviceEndMs[device] = Math.max(deviceEndMs[device], end);
      }
      fillMs = Math.max(fillMs, microBatches > 0 ? first : 0);
      firstEndMs = Math.min(firstEndMs, last);
      lastEndMs = Math.max(lastEndMs, last);
    });
    stages.forEach(({ devices, finishMs }) => {
      for (const device of devices) {
        deviceEndMs[device] += finishMs;
        deviceBusyMs[device] += finishMs;
      }
    });
    for (const end of deviceEndMs) makespanMs = Math.max(makespanMs, end);
    const drainMs = stages.length > 0 ? lastEndMs - firstEndMs : 0;
    return {
      startMs,
      endMs,
      makespanMs,
      fillMs,
      steadyMs: Math.max(0, lastEndMs - fillMs - drainMs),
      drainMs,
      deviceBusyMs,
      channelBusyMs,
      ...this.memory(),
    };
  }

  /** What is in flight over time: from the start of a forward pass to the end of the backward pass. */
  private memory(): Pick<PipelineRun, 'mostInFlight' | 'devicePeakBytes'> {
    const { stages, links, microBatches } = this.pipeline;
    const mostInFlight = new Int32Array(stages.length);
    const resident = new Float64Array(links.deviceCount);
    const changes: { device: number; atMs: number; bytes: number }[] = [];
    stages.forEach(({ devices, keptBytes, residentBytes }, stage) => {
      devices.forEach((device, turn) => {
        resident[device] += residentBytes;
        const own: { atMs: number; count: number }[] = [];
        for (let microBatch = turn; microBatch < microBatches; microBatch += devices.length) {
          const at = (stage * microBatches + microBatch) * 2;
          const endMs = this.isTraining ? this.endMs[at + 1] : this.endMs[at];
          own.push({ atMs: this.startMs[at], count: 1 }, { atMs: endMs, count: -1 });
        }
        changes.push(...own.map(({ atMs, count }) => ({ device, atMs, bytes: count * keptBytes })));
        own.sort((a, b) => a.atMs - b.atMs || a.count - b.count);
        let inFlight = 0;
        for (const { count } of own) {
          inFlight += count;
          mostInFlight[stage] = Math.max(mostInFlight[stage], inFlight);
        }
      });
    });
    // What ends makes room for what begins at the same moment.
    changes.sort((a, b) => a.atMs - b.atMs || a.bytes - b.bytes);
    const live = resident.slice();
    const devicePeakBytes = resident.slice();
    for (const { device, bytes } of changes) {
      live[device] += bytes;
      devicePeakBytes[device] = Math.max(devicePeakBytes[device], live[device]);
    }
    return { mostInFlight, devicePeakBytes };
  }
}

/** First come, first served; of those that come together backward passes, then lower micro-batches and stages. */
function isBefore(a: Work, b: Work): boolean {
  if (a.readyMs !== b.readyMs) return a.readyMs < b.readyMs;
  if (a.pass.isBackward !== b.pass.isBackward) return a.pass.isBackward;
  if (a.pass.microBatch !== b.pass.microBatch) return a.pass.microBatch < b.pass.microBatch;
  return a.pass.stage !== b.pass.stage ? a.pass.stage < b.pass.stage : a.handOn < b.handOn;
}
