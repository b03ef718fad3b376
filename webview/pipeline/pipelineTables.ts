import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { percent } from '../lanes/laneHeads';
import type { PipelineModel } from './pipelineModel';
import { layersText } from './pipelineWords';
import { t } from '../base/l10n';

export const stageColumns = [
  t('Stage'),
  t('Device'),
  t('Layers'),
  t('Forward'),
  t('Backward'),
  t('In flight'),
  t('Begins'),
  t('Ends'),
  t('Busy'),
  t('Idle'),
  t('Most in memory'),
];

/** A row a stage and device of it: what it runs, when, how much of it is in flight, and how busy its device is with all it has. */
export function stageRows({ view, lanes, passes }: PipelineModel): string[][] {
  return view.stages.flatMap(({ devices, layers, forwardMs, backwardMs, inFlight }, stage) =>
    devices.map((id) => {
      const lane = lanes.findIndex((one) => one.id === id);
      const own = passes.filter((pass) => pass.stage === stage && pass.lane === lane);
      const { busyMs, idleMs, peakBytes } = lanes[lane].use;
      return [
        String(stage + 1),
        id,
        layersText(layers),
        formatDuration(forwardMs),
        backwardMs > 0 ? formatDuration(backwardMs) : '–',
        String(inFlight),
        own.length > 0 ? formatDuration(own[0].startMs) : '–',
        formatDuration(own.reduce((last, { endMs }) => Math.max(last, endMs), 0)),
        `${formatDuration(busyMs)}, ${percent(busyMs / (busyMs + idleMs))}`,
        formatDuration(idleMs),
        formatMemory(peakBytes),
      ];
    }),
  );
}
