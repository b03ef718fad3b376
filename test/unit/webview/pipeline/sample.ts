import { runView } from '../../../../planner-core/session/pipelineRun';
import type { PipelineView } from '../../../../planner-core/session/types';
import { updatedEachTime, type Pipeline } from '../../../../planner-core/simulator/pipeline/pipeline';
import { simulatePipeline } from '../../../../planner-core/simulator/pipeline/simulatePipeline';

const mib = 2 ** 20;

/** Two stages on two devices whose links cost nothing: forward 2 and 1 ms, backward 4 and 3 ms, optimizer 1 ms. */
const pipeline: Pipeline = {
  stages: [0, 1].map((device) => ({
    ...{ name: `stage ${device + 1}`, devices: [device] },
    ...{ forwardMs: [2 - device], backwardMs: [4 - device] },
    ...{ keptBytes: 100 * mib, residentBytes: 500 * mib, finishMs: 1 },
  })),
  handOns: [{ from: 0, to: 1, results: 1, bytes: 10, gradients: 1, gradientBytes: 10 }],
  links: {
    ...{ deviceCount: 2, latencyMs: new Float64Array(4), msPerByte: new Float64Array(4) },
    ...{ channel: new Int32Array(4), channelCount: 1 },
  },
  ...{ microBatches: 4, order: '1f1b' },
};
const names = ['gpu0', 'gpu1'];
const peakBytes = [700 * mib, 650 * mib];

function viewOf(schedule: PipelineView['schedule']): PipelineView {
  const drawn = schedule === 'stream' ? { ...updatedEachTime(pipeline), microBatches: 8 } : pipeline;
  const run = simulatePipeline(drawn);
  const ran = { pipeline: drawn, run };
  const periodMs = schedule === 'stream' ? 7 : 6;
  const spanMs = schedule === 'stream' ? periodMs : run.makespanMs;
  const busyMs = schedule === 'stream' ? [7, 5] : run.deviceBusyMs;
  return {
    ...{ schedule, microBatches: schedule === 'stream' ? 1 : 4, periodMs, bubblePercent: 12.5 },
    ...{ fillMs: run.fillMs, drainMs: run.drainMs },
    stages: pipeline.stages.map(({ forwardMs, backwardMs }, stage) => ({
      ...{ devices: [names[stage]], layers: [`layers.${stage}`], inFlight: run.mostInFlight[stage] },
      ...{ forwardMs: forwardMs[0], backwardMs: backwardMs[0], peakBytes: peakBytes[stage] },
    })),
    run: runView(ran, names, peakBytes, spanMs, busyMs),
  };
}

/** An update by four micro-batches. */
export const updatePipeline = viewOf('1F1B');
/** Steps without end. */
export const streamPipeline = viewOf('stream');
