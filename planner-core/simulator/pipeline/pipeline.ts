/** Layers that stay on a device, or on several that take micro-batches in turn (data parallelism inside a pipeline). */
export interface PipelineStage {
  readonly name: string;
  /** Micro-batch m runs on devices[m % devices.length]. */
  readonly devices: readonly number[];
  /** Of one micro-batch, on each of these devices; a backward of 0 everywhere: nothing is trained. */
  readonly forwardMs: readonly number[];
  readonly backwardMs: readonly number[];
  /** What one micro-batch keeps on its device from the start of its forward pass to the end of its backward pass. */
  readonly keptBytes: number;
  /** What the stage occupies on each of its devices all the time. */
  readonly residentBytes: number;
  /** After the last micro-batch, on each device: the all-reduce of gradients among replicas, the optimizer. */
  readonly finishMs: number;
}

/** What a stage hands on to a later one for each micro-batch, and the gradients that come back. */
export interface HandOn {
  readonly from: number;
  readonly to: number;
  /** Results, each of which pays the link's latency, and their bytes. */
  readonly results: number;
  readonly bytes: number;
  readonly gradients: number;
  readonly gradientBytes: number;
}

/** Links between devices; [from * deviceCount + to]. Pairs with the same channel share it, one transfer at a time. */
export interface PipelineLinks {
  readonly deviceCount: number;
  readonly latencyMs: Float64Array;
  readonly msPerByte: Float64Array;
  readonly channel: Int32Array;
  readonly channelCount: number;
}

/**
 * The order of passes on a stage. 'gpipe': all forward passes, then all backward passes (Huang et al., NeurIPS 2019). '1f1b': as soon
 * as the stage has as many micro-batches in flight as there are devices from it on, one backward pass for each forward
 * pass (PipeDream-flush; Narayanan et al., ICML 2021).
 */
export type PipelineOrder = 'gpipe' | '1f1b';

/** A model cut into stages, each handing on to later ones only. */
export interface Pipeline {
  readonly stages: readonly PipelineStage[];
  readonly handOns: readonly HandOn[];
  readonly links: PipelineLinks;
  readonly microBatches: number;
  readonly order: PipelineOrder;
  /**
   * By stage, never more than the stage before it: micro-batches in flight there; the first one's is that of the whole
   * pipeline. Without, 1F1B has as many as there are devices from the stage on, and inference begins as soon as it can.
   */
  readonly inFlight?: readonly number[];
}

export const isTrained = ({ stages }: Pipeline): boolean =>
  stages.some(({ backwardMs }) => backwardMs.some((ms) => ms > 0));

/**
 * The pipeline with an update of the weights after each micro-batch, as in a stream of steps (Narayanan et al., SOSP 2019);
 * replicas share the updates as they share the passes.
 */
export function updatedEachTime(pipeline: Pipeline): Pipeline {
  if (!isTrained(pipeline)) return pipeline;
  const stages = pipeline.stages.map((stage) => ({
    ...stage,
    backwardMs: stage.backwardMs.map((ms) => ms + stage.finishMs),
    finishMs: 0,
  }));
  return { ...pipeline, stages };
}

/** A pass of one micro-batch through a stage. */
export interface Pass {
  readonly stage: number;
  readonly microBatch: number;
  readonly isBackward: boolean;
}

/** By stage: its passes in the order of the schedule; those of a replica are every so many of them. */
export function passOrders(pipeline: Pipeline): Pass[][] {
  const { stages, microBatches, order, inFlight } = pipeline;
  const trained = isTrained(pipeline);
  return stages.map((_, stage) => {
    const forward = (microBatch: number): Pass => ({ stage, microBatch, isBackward: false });
    const backward = (microBatch: number): Pass => ({ stage, microBatch, isBackward: true });
    const all = Array.from({ length: microBatches }, (__, microBatch) => microBatch);
    if (!trained) return all.map(forward);
    if (order === 'gpipe') return [...all.map(forward), ...all.map(backward)];
    const ahead = Math.min(microBatches, inFlight?.[stage] ?? devicesFrom(stages, stage)) - 1;
    const passes = all.slice(0, ahead).map(forward);
    for (const microBatch of all) {
      if (microBatch + ahead < microBatches) passes.push(forward(microBatch + ahead));
      passes.push(backward(microBatch));
    }
    return passes;
  });
}

function devicesFrom(stages: readonly PipelineStage[], first: number): number {
  return stages.slice(first).reduce((sum, { devices }) => sum + devices.length, 0);
}

/** Time of the transfer between the stages of a hand-on for one micro-batch; 0 on one device. */
export function transferMs(
  pipeline: Pipeline,
  handOn: HandOn,
  microBatch: number,
  isBackward: boolean,
): number {
  const { from, to } = transferEnds(pipeline, handOn, microBatch, isBackward);
  if (from === to) return 0;
  const pair = from * pipeline.links.deviceCount + to;
  const [results, bytes] = isBackward
    ? [handOn.gradients, handOn.gradientBytes]
    : [handOn.results, handOn.bytes];
  const { latencyMs, msPerByte } = pipeline.links;
  return (results > 0 ? results * latencyMs[pair] : 0) + (bytes > 0 ? bytes * msPerByte[pair] : 0);
}

/** The devices of a transfer for one micro-batch. */
export function transferEnds(
  { stages }: Pipeline,
  { from, to }: HandOn,
  microBatch: number,
  isBackward: boolean,
): { readonly from: number; readonly to: number } {
  const home = (stage: number): number => stages[stage].devices[microBatch % stages[stage].devices.length];
  return isBackward ? { from: home(to), to: home(from) } : { from: home(from), to: home(to) };
}

/**
 * Time for each micro-batch in the steady state: the mean load of the busiest device or channel. No schedule is faster over
 * many micro-batches.
 */
export function pipelinePeriodMs(pipeline: Pipeline): number {
  const { stages, handOns, links } = pipeline;
  const deviceMs = new Float64Array(links.deviceCount);
  const channelMs = new Float64Array(links.channelCount);
  for (const { devices, forwardMs, backwardMs } of stages)
    devices.forEach((device, i) => (deviceMs[device] += (forwardMs[i] + backwardMs[i]) / devices.length));
  const trained = isTrained(pipeline);
  for (const handOn of handOns) {
    const turns = leastCommonMultiple(stages[handOn.from].devices.length, stages[handOn.to].devices.length);
    for (let turn = 0; turn < turns; turn++) {
      for (const isBackward of trained ? [false, true] : [false]) {
        const { from, to } = transferEnds(pipeline, handOn, turn, isBackward);
        const ms = transferMs(pipeline, handOn, turn, isBackward);
        if (ms > 0) channelMs[links.channel[from * links.deviceCount + to]] += ms / turns;
      }
    }
  }
  return Math.max(0, ...deviceMs, ...channelMs);
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a * b) / x;
}
