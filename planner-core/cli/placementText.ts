import { formatDuration, formatMemory, formatPercent } from '../base/format';
import type { DeviceUse, PipelineView, PlacementBaseline, PlacementView } from '../session/types';
import { table } from './output';

/** Percentages closer than this are the same: the solver's tolerance, in percentage points. */
export const samePercent = 1e-4;

/** What the placement is for, in words: of a step, of a stream of steps, of an update by micro-batches. */
const measureNames: Readonly<Record<PlacementView['measure'], string>> = {
  step: 'step',
  period: 'a step every',
  update: 'an update every',
};

/** What several devices take together, and what is proven of it, as rows of a table. */
export function placementRows({ measure, timeMs, boundMs, pipeline }: PlacementView): string[][] {
  const gapPercent = timeMs > 0 ? 100 * (1 - boundMs / timeMs) : 0;
  const proven =
    gapPercent <= samePercent
      ? 'no placement is faster'
      : `no placement takes less than ${formatDuration(boundMs)} (${formatPercent(gapPercent)} less)`;
  return [
    [measureNames[measure], formatDuration(timeMs)],
    ...(boundMs > 0 ? [['proven', proven]] : []),
    ...(pipeline ? [['pipeline', pipelineText(pipeline)]] : []),
  ];
}

/** What each device and link does, the stages of a pipeline, and what simple rules give, a table each. */
export function placementTables(
  { measure, perDevice, channels, baselines, pipeline }: PlacementView,
  devices: readonly { readonly id: string; readonly memoryBytes?: number }[],
): string[] {
  const used = channels.filter(({ bytes }) => bytes > 0);
  return [
    devicesTable(perDevice, devices),
    ...(pipeline ? [stagesTable(pipeline)] : []),
    ...(used.length > 0
      ? [
          table([
            ['link', 'carries', 'in'],
            ...used.map(({ name, busyMs, bytes }) => [name, formatMemory(bytes), formatDuration(busyMs)]),
          ]),
        ]
      : []),
    ...(baselines.length > 0 ? [baselinesTable(baselines, measureNames[measure])] : []),
  ];
}

function devicesTable(
  perDevice: readonly DeviceUse[],
  devices: readonly { readonly id: string; readonly memoryBytes?: number }[],
): string {
  return table([
    ['device', 'peak', 'of', 'busy', 'idle'],
    ...perDevice.map(({ device, busyMs, idleMs, peakBytes }) => {
      const of = devices.find(({ id }) => id === device)?.memoryBytes;
      return [
        device,
        formatMemory(peakBytes),
        of === undefined ? '' : formatMemory(of),
        formatDuration(busyMs),
        formatDuration(idleMs),
      ];
    }),
  ]);
}

const baselinesTable = (baselines: readonly PlacementBaseline[], measure: string): string =>
  table([
    ['other ways to place it', measure, ''],
    ...baselines.map(({ name, timeMs, fits }) => [name, formatDuration(timeMs), fits ? '' : 'does not fit']),
  ]);

function pipelineText({
  schedule,
  microBatches,
  fillMs,
  periodMs,
  drainMs,
  bubblePercent,
}: PipelineView): string {
  const what = schedule === 'stream' ? 'a stream of steps' : `1F1B with ${microBatches} micro-batches`;
  const phases = [
    `fill ${formatDuration(fillMs)}`,
    schedule === 'stream'
      ? `period ${formatDuration(periodMs)}`
      : `${formatDuration(periodMs)} a micro-batch`,
    `drain ${formatDuration(drainMs)}`,
    `bubble ${formatPercent(bubblePercent)}`,
  ];
  return `${what}: ${phases.join(', ')}`;
}

/** The stages of a pipeline, each with the devices that share it. */
function stagesTable({ stages }: PipelineView): string {
  const rows = stages.map(({ devices, layers, forwardMs, backwardMs, inFlight, peakBytes }, i) => {
    const turns = devices.length > 1 ? ' in turn' : '';
    return [
      `${i + 1} on ${devices.join(', ')}${turns}`,
      spanOf(layers),
      formatDuration(forwardMs),
      backwardMs > 0 ? formatDuration(backwardMs) : '',
      String(inFlight),
      formatMemory(peakBytes),
    ];
  });
  return table([['stage', 'layers', 'forward', 'backward', 'in flight', 'peak'], ...rows]);
}

function spanOf(layers: readonly string[]): string {
  if (layers.length === 0) return 'nothing';
  const [first] = layers;
  return layers.length === 1 ? first : `${first} … ${layers[layers.length - 1]} (${layers.length})`;
}
