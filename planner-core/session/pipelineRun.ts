import { isTrained, type Pipeline } from '../simulator/pipeline/pipeline';
import type { PipelineRun } from '../simulator/pipeline/simulatePipeline';
import type { MemoryOverTime, PipelineRunView } from './types';

/** A run of a pipeline, and the pipeline that it is of. */
interface Run {
  readonly pipeline: Pipeline;
  readonly run: PipelineRun;
}

/**
 * A run to be drawn. `peakBytes`: by device, of a single micro-batch; others in flight at the same time come on top of it.
 * `spanMs`: the time that devices are busy or idle in, `busyMs`: by device, how much of it they compute.
 */
export function runView(
  { pipeline, run }: Run,
  names: readonly string[],
  peakBytes: ArrayLike<number>,
  spanMs: number,
  busyMs: ArrayLike<number>,
): PipelineRunView {
  const { startMs, endMs, makespanMs, fillMs, drainMs } = run;
  const used = [...new Set(pipeline.stages.flatMap(({ devices }) => devices))];
  return {
    ...{ microBatches: pipeline.microBatches, startMs, endMs, makespanMs, fillMs, drainMs },
    devices: used.map((device) => {
      const memory = memoryOverTime({ pipeline, run }, device, peakBytes[device]);
      return {
        device: names[device],
        busyMs: busyMs[device],
        idleMs: Math.max(0, spanMs - busyMs[device]),
        updateMs: pipeline.stages.reduce(
          (sum, stage) => (stage.devices.includes(device) ? sum + stage.finishMs : sum),
          0,
        ),
        peakBytes: memory.bytes.reduce((most, bytes) => Math.max(most, bytes), 0),
        memory,
      };
    }),
  };
}

/**
 * At most so much is in a device's memory: what it needs for one micro-batch at its peak, and what the others in flight
 * keep then, from the start of their forward pass to the end of their backward pass.
 */
function memoryOverTime({ pipeline, run }: Run, device: number, peakBytes: number): MemoryOverTime {
  const { stages, microBatches } = pipeline;
  const { startMs, endMs } = run;
  const trained = isTrained(pipeline);
  const changes: { atMs: number; bytes: number }[] = [];
  let ofOneBytes = 0;
  stages.forEach(({ devices, keptBytes }, stage) => {
    const turn = devices.indexOf(device);
    if (turn < 0) return;
    ofOneBytes += keptBytes;
    for (let microBatch = turn; microBatch < microBatches; microBatch += devices.length) {
      const at = (stage * microBatches + microBatch) * 2;
      changes.push({ atMs: startMs[at], bytes: keptBytes });
      changes.push({ atMs: trained ? endMs[at + 1] : endMs[at], bytes: -keptBytes });
    }
  });
  // What ends makes room for what begins at the same moment.
  changes.sort((a, b) => a.atMs - b.atMs || a.bytes - b.bytes);
  const atMs = [0];
  const kept = [0];
  for (const change of changes) {
    const next = kept[kept.length - 1] + change.bytes;
    if (atMs[atMs.length - 1] === change.atMs) kept[kept.length - 1] = next;
    else {
      atMs.push(change.atMs);
      kept.push(next);
    }
  }
  const mostKept = kept.reduce((most, bytes) => Math.max(most, bytes), 0);
  const base = peakBytes - Math.min(ofOneBytes, mostKept);
  return { baseBytes: base, atMs, bytes: kept.map((bytes) => base + bytes) };
}
