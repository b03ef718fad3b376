import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { PlanDevice } from '../../planner-core/plan/plan';
import { hostMemory } from '../../planner-core/simulator/schedule';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { percent } from './laneHeads';
import type { LanesModel, Transfer } from './lanesModel';
import { t } from '../base/l10n';

export const laneColumns = [
  t('Device'),
  t('Busy'),
  t('Idle'),
  t('Most in memory'),
  t('Memory'),
  t('While running'),
];
export const transferColumns = [t('Tensor'), t('From'), t('To'), t('Bytes'), t('Starts'), t('Takes')];

/** More than these are not read: the largest are what costs. */
const mostTransfers = 200;

export function laneRows(
  { lanes, total }: LanesModel,
  step: StepGraph,
  devices: readonly PlanDevice[],
): string[][] {
  return lanes.map(({ id, device, busyMs, peak, timeline }) => [
    `${id} ${devices[device]?.name ?? ''}`.trim(),
    `${formatDuration(busyMs)}, ${percent(busyMs / total)}`,
    formatDuration(Math.max(0, total - busyMs)),
    formatMemory(peak.bytes),
    formatMemory(devices[device]?.memoryBytes ?? 0),
    peak.sample < 0 ? '' : step.nodeName[timeline.node[peak.sample]],
  ]);
}

/** The largest transfers, by the moment they begin. */
export function transferRows({ transfers }: LanesModel, step: StepGraph): string[][] {
  const largest = [...transfers].sort((a, b) => b.bytes - a.bytes).slice(0, mostTransfers);
  return largest
    .sort((a, b) => a.start - b.start)
    .map((transfer) => [
      step.valueName[transfer.value],
      endName(step, transfer.from),
      endName(step, transfer.to),
      formatMemory(transfer.bytes),
      formatDuration(transfer.start),
      formatDuration(transfer.end - transfer.start),
    ]);
}

const endName = (step: StepGraph, device: number): string =>
  device === hostMemory ? t('host memory') : step.devices[device];

/** What a transfer is, in a line each: the tensor, its size and way, when. */
export function transferTexts(step: StepGraph, { value, bytes, from, to, start, end }: Transfer): string[] {
  return [
    step.valueName[value],
    `${formatMemory(bytes)}, ${endName(step, from)} → ${endName(step, to)}`,
    t('{0} to {1}, takes {2}', formatDuration(start), formatDuration(end), formatDuration(end - start)),
  ];
}
