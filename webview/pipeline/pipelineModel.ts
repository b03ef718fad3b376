import { bisectRight } from 'd3';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { PipelineDeviceView, PipelineView } from '../../planner-core/session/types';
import type { TimeAxis } from '../timeline/timeAxis';

/** A micro-batch (of a stream: a step) on its way through a stage, forward or backward. */
export interface PipelinePass {
  readonly stage: number;
  readonly microBatch: number;
  readonly isBackward: boolean;
  /** Index into the lanes. */
  readonly lane: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** A device of the pipeline. */
export interface PipelineLane {
  /** Index among all devices of the machine; -1 for one that is gone. */
  readonly device: number;
  readonly id: string;
  readonly name: string;
  readonly memoryBytes: number;
  readonly stages: readonly number[];
  readonly use: PipelineDeviceView;
  /** When its last pass ends: then weights are updated, for `use.updateMs`. */
  readonly lastEndMs: number;
}

/** A pipeline over time, ready to draw. */
export interface PipelineModel {
  readonly view: PipelineView;
  readonly lanes: readonly PipelineLane[];
  /** By the moment they begin. */
  readonly passes: readonly PipelinePass[];
  readonly axis: TimeAxis;
}

export function pipelineModel(view: PipelineView, devices: readonly PlanDevice[]): PipelineModel {
  const { stages, run } = view;
  const passes = stages
    .flatMap((stage, i) =>
      Array.from({ length: 2 * run.microBatches }, (_, at): PipelinePass => {
        const microBatch = at >> 1;
        const home = stage.devices[microBatch % stage.devices.length];
        const index = 2 * i * run.microBatches + at;
        return {
          ...{ stage: i, microBatch, isBackward: at % 2 === 1 },
          lane: run.devices.findIndex(({ device }) => device === home),
          ...{ startMs: run.startMs[index], endMs: run.endMs[index] },
        };
      }),
    )
    .filter(({ startMs }) => !Number.isNaN(startMs))
    .sort((a, b) => a.startMs - b.startMs || a.lane - b.lane);
  const lanes = run.devices.map((use, lane): PipelineLane => {
    const device = devices.findIndex(({ id }) => id === use.device);
    const own = passes.filter((pass) => pass.lane === lane);
    return {
      ...{ device, id: use.device, use },
      name: devices[device]?.name ?? '',
      memoryBytes: devices[device]?.memoryBytes ?? Infinity,
      stages: stages.flatMap((stage, i) => (stage.devices.includes(use.device) ? [i] : [])),
      lastEndMs: own.reduce((last, { endMs }) => Math.max(last, endMs), 0),
    };
  });
  const start = Float64Array.from(passes, ({ startMs }) => startMs);
  const end = Float64Array.from(passes, ({ endMs }) => endMs);
  return { view, lanes, passes, axis: { start, end, total: run.makespanMs, unit: 'ms' } };
}

/** What runs in a lane at a moment, or ran last before it; -1 where nothing has. */
export function passAt({ passes }: PipelineModel, lane: number, atMs: number): number {
  let found = -1;
  for (const [i, pass] of passes.entries()) {
    if (pass.startMs > atMs) break;
    if (pass.lane === lane) found = i;
  }
  return found;
}

/** At most so much is in a lane's memory at a moment. */
export function memoryAt({ lanes }: PipelineModel, lane: number, atMs: number): number {
  const { memory } = lanes[lane].use;
  return memory.bytes[Math.max(0, bisectRight(memory.atMs, atMs) - 1)] ?? memory.baseBytes;
}

/** Micro-batches of a stage that are in flight in a lane at a moment: begun forward and not yet through backward. */
export function inFlightAt({ passes }: PipelineModel, stage: number, lane: number, atMs: number): number {
  const isTrained = passes.some(({ isBackward }) => isBackward);
  let count = 0;
  for (const pass of passes) {
    if (pass.stage !== stage || pass.lane !== lane) continue;
    if (!pass.isBackward && pass.startMs <= atMs) count++;
    if (pass.isBackward === isTrained && pass.endMs <= atMs) count--;
  }
  return count;
}

/** The pass that runs where most of a device's memory is taken. */
export function fullestPass(model: PipelineModel): number {
  const share = ({ use, memoryBytes }: PipelineLane): number =>
    use.peakBytes / (Number.isFinite(memoryBytes) ? memoryBytes : use.peakBytes);
  const fullest = model.lanes.reduce((a, b, i) => (share(b) > share(model.lanes[a]) ? i : a), 0);
  const { memory, peakBytes } = model.lanes[fullest].use;
  return passAt(model, fullest, memory.atMs[memory.bytes.indexOf(peakBytes)]);
}
