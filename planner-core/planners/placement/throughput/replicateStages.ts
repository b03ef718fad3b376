import type { Job } from '../../../base/job';
import type { PlacementProblem } from '../problem';
import { likeDevices } from '../deviceClasses';
import { linearOrders, precedenceOf } from './linearOrders';
import { loadModelOf, type LoadModel } from './loadModel';
import { RunLoad } from './runLoad';

/** Groups that several like devices run, on micro-batches in turn; their copies of the weights sum their gradients. */
export interface ReplicatedStage {
  readonly groups: readonly number[];
  readonly devices: readonly number[];
}

export interface ReplicatedPlan {
  readonly stages: readonly ReplicatedStage[];
  /** Time for each micro-batch of the stage or hand-on that takes longest, by the programme's own count. */
  readonly estimatedPeriodMs: number;
}

export interface ReplicationOptions {
  /** By group: gradients that replicas sum up after all micro-batches; none when absent (inference). */
  readonly gradientBytes?: Float64Array;
  /** Over how many micro-batches that sum is spread. */
  readonly microBatches: number;
}

/** Counts of devices of each class, as a number in a mixed base. */
interface Uses {
  readonly count: number;
  readonly strides: readonly number[];
  readonly left: (state: number, kind: number) => number;
}

/**
 * Cuts the groups, along several orders, into stages and gives each one or more like devices, which share its micro-batches, so that
 * the period is least: model and data parallelism together (the programme of PipeDream, Narayanan et al., SOSP
 * 2019, over unlike devices). A stage's load is its time divided by its devices and, beside it, its links. undefined
 * when no such cut fits the memory.
 */
export async function replicateStages(
  problem: PlacementProblem,
  { gradientBytes, microBatches }: ReplicationOptions,
  job: Job,
): Promise<ReplicatedPlan | undefined> {
  const model = loadModelOf(problem);
  let best: ReplicatedPlan | undefined;
  for (const order of linearOrders(problem, precedenceOf(problem))) {
    const programme = new ReplicationProgramme(model, order, gradientBytes, microBatches);
    for (let start = 0; start < order.length; start++) {
      programme.stagesFrom(start);
      if (start % 16 === 0) await job.checkpoint();
    }
    const plan = programme.plan();
    if (plan && (!best || plan.estimatedPeriodMs < best.estimatedPeriodMs)) best = plan;
  }
  return best;
}

class ReplicationProgramme {
  private readonly classes: readonly (readonly number[])[];
  private readonly uses: Uses;
  /** [end * uses + state]: least period of the groups before `end`, and the stage that ends there. */
  private readonly best: Float64Array;
  private readonly from: Int32Array;
  private readonly kind: Int16Array;

  constructor(
    private readonly model: LoadModel,
    private readonly order: Int32Array,
    private readonly gradientBytes: Float64Array | undefined,
    private readonly microBatches: number,
  ) {
    this.classes = likeDevices(model);
    this.uses = usesOf(this.classes);
    const size = (order.length + 1) * this.uses.count;
    this.best = new Float64Array(size).fill(Infinity);
    this.from = new Int32Array(size).fill(-1);
    this.kind = new Int16Array(size).fill(-1);
    this.best[0] = 0;
  }

  /** Tries every stage that begins at a position of the order. */
  stagesFrom(start: number): void {
    const { best, uses, order, classes } = this;
    classes.forEach((devices, kind) => {
      const run = new RunLoad(this.model, devices[0]);
      let gradients = 0;
      for (let end = start + 1; end <= order.length; end++) {
        const group = order[end - 1];
        if (!run.canRun(group)) return;
        run.add(group);
        gradients += this.gradientBytes?.[group] ?? 0;
        if (!run.fits) return;
        for (let state = 0; state < uses.count; state++) {
          const before = best[start * uses.count + state];
          if (before === Infinity) continue;
          for (let width = 1; width <= uses.left(state, kind); width++) {
            const to = end * uses.count + state + width * uses.strides[kind];
            const value = Math.max(before, this.stageMs(run, width, devices, gradients));
            if (value >= best[to]) continue;
            best[to] = value;
            this.from[to] = start * uses.count + state;
            this.kind[to] = kind;
          }
        }
      }
    });
  }

  plan(): ReplicatedPlan | undefined {
    const { best, uses, order, classes } = this;
    const last = order.length * uses.count;
    let at = last;
    for (let state = 0; state < uses.count; state++) if (best[last + state] < best[at]) at = last + state;
    if (best[at] === Infinity) return undefined;
    const estimatedPeriodMs = best[at];
    const stages: ReplicatedStage[] = [];
    while (this.from[at] >= 0) {
      const [kind, from] = [this.kind[at], this.from[at]];
      const total = classes[kind].length;
      const [start, end] = [from, at].map((index) => Math.floor(index / uses.count));
      const first = total - uses.left(from % uses.count, kind);
      const next = total - uses.left(at % uses.count, kind);
      stages.unshift({
        groups: Array.from(order.subarray(start, end)),
        devices: classes[kind].slice(first, next),
      });
      at = from;
    }
    return { stages, estimatedPeriodMs };
  }

  /** What a stage takes for each micro-batch on its busiest device or link. */
  private stageMs(run: RunLoad, width: number, devices: readonly number[], gradients: number): number {
    const perMicroBatch = run.loadMs / width;
    if (width === 1 || gradients === 0) return perMicroBatch;
    // A ring: each device sends nearly all of the sum twice (Patarasuk and Yuan, JPDC 2009).
    const ringMs = 2 * ((width - 1) / width) * gradients * this.linkMsPerByte(devices);
    return perMicroBatch + ringMs / this.microBatches;
  }

  private linkMsPerByte([first, second]: readonly number[]): number {
    const { transfers, deviceCount } = this.model;
    return transfers.kind === 'links' ? transfers.msPerByte[first * deviceCount + second] : 0;
  }
}

function usesOf(classes: readonly (readonly number[])[]): Uses {
  const strides = classes.map((_, kind) =>
    classes.slice(0, kind).reduce((product, devices) => product * (devices.length + 1), 1),
  );
  const count = classes.reduce((product, devices) => product * (devices.length + 1), 1);
  const left = (state: number, kind: number): number =>
    classes[kind].length - (Math.floor(state / strides[kind]) % (classes[kind].length + 1));
  return { count, strides, left };
}
