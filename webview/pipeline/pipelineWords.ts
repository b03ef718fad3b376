import { formatDuration, formatMemory, formatPercent } from '../../planner-core/base/format';
import type { PipelineView } from '../../planner-core/session/types';
import { counted } from '../ui/names';
import { inFlightAt, memoryAt, type PipelineModel } from './pipelineModel';

/** What goes through the stages: `micro-batch` or `step`. */
export const unitName = ({ schedule }: PipelineView): string =>
  schedule === 'stream' ? 'step' : 'micro-batch';

export const pipelineTitle = ({ schedule }: PipelineView): string =>
  schedule === 'stream' ? 'Pipeline of a stream of steps' : 'Pipeline of an update';

/** `8 micro-batches by 1F1B · one each 3.10 ms when full · 27.3 % idle (bubble)` */
export function pipelineSummary({
  schedule,
  microBatches,
  periodMs,
  bubblePercent,
  run,
}: PipelineView): string {
  const what =
    schedule === 'stream'
      ? `the first ${run.microBatches} steps`
      : `${counted(microBatches, 'micro-batch', 'micro-batches')} by 1F1B`;
  return [
    what,
    `one each ${formatDuration(periodMs)} when full`,
    `${formatPercent(bubblePercent)} idle (bubble)`,
  ].join(' · ');
}

/** `layer1.0.conv1 to layer3.2.bn3 (57)` */
export function layersText(layers: readonly string[]): string {
  if (layers.length === 0) return 'nothing';
  const [first] = layers;
  return layers.length === 1 ? first : `${first} to ${layers[layers.length - 1]} (${layers.length})`;
}

/** `forward pass of micro-batch 3, stage 2` */
export function passName({ view, passes }: PipelineModel, index: number): string {
  const { stage, microBatch, isBackward } = passes[index];
  return `${isBackward ? 'backward' : 'forward'} pass of ${unitName(view)} ${microBatch + 1}, stage ${stage + 1}`;
}

/** More than these are counted, not listed. */
const mostListed = 4;

/** `stage 2`, `stages 1, 3` or `29 of 55 stages` */
export function stagesText(own: readonly number[], count: number): string {
  if (own.length > mostListed) return `${own.length} of ${count} stages`;
  return `${own.length > 1 ? 'stages' : 'stage'} ${own.map((stage) => stage + 1).join(', ')}`;
}

/** What there is to know about a pass, a line each. */
export function passTexts(model: PipelineModel, index: number): string[] {
  const { view, lanes, passes } = model;
  const { stage, lane, startMs, endMs } = passes[index];
  const inFlight = inFlightAt(model, stage, lane, startMs);
  return [
    `${lanes[lane].id}: ${layersText(view.stages[stage].layers)}`,
    `at ${formatDuration(startMs)} for ${formatDuration(endMs - startMs)}`,
    `${counted(inFlight, unitName(view), inFlightNames[view.schedule])} in flight, at most ${formatMemory(memoryAt(model, lane, startMs))}`,
  ];
}

const inFlightNames: Readonly<Record<PipelineView['schedule'], string>> = {
  '1F1B': 'micro-batches',
  stream: 'steps',
};

/** What steps of a stream that are in flight together mean for training; undefined where weights stay as they are. */
export function streamText({ schedule, stages }: PipelineView): string | undefined {
  if (schedule !== 'stream' || stages.every(({ backwardMs }) => backwardMs === 0)) return undefined;
  return 'A step begins before those ahead of it have updated the weights. With micro-batches (Step settings) all of an update use the same.';
}
