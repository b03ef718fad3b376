import { formatDuration, formatMemory, formatPercent } from '../base/format';
import type { PipelineView, PlacementView } from '../session/types';

/** What several devices do, as rows of a table; none for one device. */
export function placementRows(
  view: PlacementView | undefined,
  devices: readonly { readonly id: string; readonly name?: string; readonly memoryBytes?: number }[],
): [name: string, text: string][] {
  if (!view) return [];
  const { measure, timeMs, boundMs, perDevice, channels, baselines, pipeline } = view;
  const rows: [string, string][] = [[measure === 'step' ? 'makespan' : measure, formatDuration(timeMs)]];
  if (boundMs > 0) {
    const gapPercent = 100 * (timeMs / boundMs - 1);
    rows.push(['proven least', `${formatDuration(boundMs)} (gap ${gapPercent.toFixed(1)} %)`]);
  }
  for (const { device, busyMs, idleMs, peakBytes } of perDevice) {
    const of = devices.find(({ id }) => id === device)?.memoryBytes;
    const memory =
      of === undefined ? formatMemory(peakBytes) : `${formatMemory(peakBytes)} of ${formatMemory(of)}`;
    rows.push([device, `${memory}, busy ${formatDuration(busyMs)}, idle ${formatDuration(idleMs)}`]);
  }
  if (pipeline) rows.push(...pipelineRows(pipeline));
  for (const { name, busyMs, bytes } of channels)
    if (bytes > 0) rows.push([name, `${formatMemory(bytes)} in ${formatDuration(busyMs)}`]);
  for (const { name, timeMs: otherMs, fits } of baselines)
    rows.push([name, `${formatDuration(otherMs)}${fits ? '' : ', does not fit'}`]);
  return rows;
}

/** The stages of a pipeline, each with the devices that share it. */
function pipelineRows(pipeline: PipelineView): [name: string, text: string][] {
  const { schedule, microBatches, stages, fillMs, periodMs, drainMs, bubblePercent } = pipeline;
  const what = schedule === 'stream' ? 'a stream of steps' : `1F1B with ${microBatches} micro-batches`;
  const phases = [
    `fill ${formatDuration(fillMs)}`,
    schedule === 'stream'
      ? `period ${formatDuration(periodMs)}`
      : `${formatDuration(periodMs)} a micro-batch`,
    `drain ${formatDuration(drainMs)}`,
    `bubble ${formatPercent(bubblePercent)}`,
  ];
  const rows: [string, string][] = [['pipeline', `${what}: ${phases.join(', ')}`]];
  stages.forEach(({ devices, layers, forwardMs, backwardMs, inFlight, peakBytes }, i) => {
    const parts = [
      spanOf(layers),
      `forward ${formatDuration(forwardMs)}`,
      ...(backwardMs > 0 ? [`backward ${formatDuration(backwardMs)}`] : []),
      `${inFlight} in flight`,
      `peak ${formatMemory(peakBytes)}`,
    ];
    const turns = devices.length > 1 ? ' in turn' : '';
    rows.push([`stage ${i + 1} on ${devices.join(', ')}${turns}`, parts.join(', ')]);
  });
  return rows;
}

function spanOf(layers: readonly string[]): string {
  if (layers.length === 0) return 'nothing';
  const [first] = layers;
  return layers.length === 1 ? first : `${first} to ${layers[layers.length - 1]} (${layers.length})`;
}
