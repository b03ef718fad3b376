import { formatDuration, formatMemory, formatPercent } from '../../planner-core/base/format';
import type { PipelineView } from '../../planner-core/session/types';
import { counted, type Noun } from '../ui/names';
import { inFlightAt, memoryAt, type PipelineModel } from './pipelineModel';
import { t } from '../base/l10n';

/** What goes through the stages. */
const unitOf = ({ schedule }: PipelineView): Noun => (schedule === 'stream' ? 'step' : 'micro-batch');

export const pipelineTitle = ({ schedule }: PipelineView): string =>
  schedule === 'stream' ? t('Pipeline of a stream of steps') : t('Pipeline of an update');

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
      ? t('the first {0} steps', run.microBatches)
      : t('{0} by 1F1B', counted(microBatches, 'micro-batch'));
  return [
    what,
    t('one each {0} when full', formatDuration(periodMs)),
    t('{0} idle (bubble)', formatPercent(bubblePercent)),
  ].join(' · ');
}

/** `layer1.0.conv1 to layer3.2.bn3 (57)` */
export function layersText(layers: readonly string[]): string {
  if (layers.length === 0) return t('nothing');
  const [first] = layers;
  return layers.length === 1 ? first : t('{0} to {1} ({2})', first, layers[layers.length - 1], layers.length);
}

/** `forward pass of micro-batch 3, stage 2` */
export function passName({ view, passes }: PipelineModel, index: number): string {
  const { stage, microBatch, isBackward } = passes[index];
  return passOf(unitOf(view), isBackward, microBatch + 1, stage + 1);
}

function passOf(unit: Noun, isBackward: boolean, number: number, stage: number): string {
  if (unit === 'step') {
    return isBackward
      ? t('backward pass of step {0}, stage {1}', number, stage)
      : t('forward pass of step {0}, stage {1}', number, stage);
  }
  return isBackward
    ? t('backward pass of micro-batch {0}, stage {1}', number, stage)
    : t('forward pass of micro-batch {0}, stage {1}', number, stage);
}

/** More than these are counted, not listed. */
const mostListed = 4;

/** `stage 2`, `stages 1, 3` or `29 of 55 stages` */
export function stagesText(own: readonly number[], count: number): string {
  if (own.length > mostListed) return t('{0} of {1} stages', own.length, count);
  const numbers = own.map((stage) => stage + 1).join(', ');
  return own.length > 1 ? t('stages {0}', numbers) : t('stage {0}', numbers);
}

/** What there is to know about a pass, a line each. */
export function passTexts(model: PipelineModel, index: number): string[] {
  const { view, lanes, passes } = model;
  const { stage, lane, startMs, endMs } = passes[index];
  const inFlight = inFlightAt(model, stage, lane, startMs);
  return [
    `${lanes[lane].id}: ${layersText(view.stages[stage].layers)}`,
    t('at {0} for {1}', formatDuration(startMs), formatDuration(endMs - startMs)),
    t(
      '{0} in flight, at most {1}',
      counted(inFlight, unitOf(view)),
      formatMemory(memoryAt(model, lane, startMs)),
    ),
  ];
}

/** What steps of a stream that are in flight together mean for training; undefined where weights stay as they are. */
export function streamText({ schedule, stages }: PipelineView): string | undefined {
  if (schedule !== 'stream' || stages.every(({ backwardMs }) => backwardMs === 0)) return undefined;
  return t(
    'A step begins before those ahead of it have updated the weights. With micro-batches (Step settings) all of an update use the same.',
  );
}
