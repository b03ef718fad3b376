import { basename } from 'node:path';
import { formatDuration, formatMemory } from '../../base/format';
import { calibrationText } from '../../devices/calibration';
import type { MeasurementFile } from '../../measurements/readMeasurements';
import type { MeasuredStep } from '../../measurements/measuredStep';
import { withCalibration } from '../../plan/withCalibration';
import { measuredLayers, type MeasuredLayer } from '../../session/measuredLayers';
import type { LayerRow, StepView } from '../../session/types';
import { calibrationOf } from '../calibrationOption';
import { calibrationSummary } from '../calibrationText';
import { machineOf } from '../machineOptions';
import { requireKnownDims } from '../knownDims';
import { openModelFile } from '../models';
import { readBytes } from '../namedFile';
import { badUsage, workloadOf, type Options } from '../options';
import { message, result, table, writeWhole } from '../output';

/** Layers that are printed; --json has all of them. */
const shownLayers = 20;
const shownOthers = 8;

/**
 * `headroom measure`: measurements beside predictions, layer by layer. With --calibrate the first device is calibrated from them, and the
 * predictions are those after it.
 */
export async function measure([model, ...traces]: readonly string[], options: Options): Promise<number> {
  if (model === undefined || traces.length === 0)
    throw badUsage('measure needs a model and at least one file of measurements.');
  if (options.out && !options.calibrate) throw badUsage('--out is for what --calibrate finds.');
  const session = openModelFile(model);
  requireKnownDims(session, options);
  const machine = machineOf(options);
  const placed = { ...session.defaultInputs(machine.devices), ...machine, workload: workloadOf(options) };
  let inputs = withCalibration(placed, calibrationOf(options, machine.devices));
  const measured = await session.measure(inputs, traces.map(measurementFile));
  const calibration = options.calibrate ? session.calibration(inputs, measured) : undefined;
  if (calibration) {
    inputs = withCalibration(inputs, { file: basename(options.out ?? 'measured'), calibration });
    if (options.out) {
      writeWhole(options.out, calibrationText(calibration));
      message(`wrote ${options.out}`);
    }
  }
  const view = session.configure(inputs);
  const layers = measuredLayers(view.step, view.layers, measured);
  if (options.json) result(JSON.stringify({ ...asJson(view, layers, measured), calibration }, undefined, 2));
  else
    result(
      [text(view, layers, measured), ...(calibration ? ['', calibrationSummary(calibration)] : [])].join(
        '\n',
      ),
    );
  return 0;
}

const measurementFile = (path: string): MeasurementFile => ({ name: basename(path), bytes: readBytes(path) });

/** NaN is nothing in JSON. */
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function asJson(
  { layers: rows, keepAllPeakBytes }: StepView,
  layers: readonly MeasuredLayer[],
  measured: MeasuredStep,
) {
  const { files, match, memory } = measured;
  return {
    files,
    match,
    memory,
    predictedPeakBytes: keepAllPeakBytes,
    layers: rows.map(({ kind, name }, i) => {
      const { forwardMs, backwardMs, predictedMs, heldBytes, predictedBytes, ownShare } = layers[i];
      return {
        kind,
        name,
        forwardMs: orNull(forwardMs),
        backwardMs: orNull(backwardMs),
        predictedMs: orNull(predictedMs),
        heldBytes: orNull(heldBytes),
        predictedBytes: orNull(predictedBytes),
        ownShare,
      };
    }),
  };
}

function text(
  view: StepView,
  layers: readonly MeasuredLayer[],
  { match, memory, files }: MeasuredStep,
): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rows = view.layers
    .filter(({ id, kind }) => kind === 'operator' && !Number.isNaN(totalMs(layers[id])))
    .sort((a, b) => totalMs(layers[b.id]) - totalMs(layers[a.id]) || a.id - b.id)
    .slice(0, shownLayers);
  const hasBytes = rows.some(({ id }) => !Number.isNaN(layers[id].heldBytes));
  const grown = memory ? memory.peakBytes - memory.startBytes : NaN;
  return [
    table([
      ['measured', files.map(({ name, source }) => `${name} (${source})`).join(', ')],
      ['steps', String(match.steps)],
      ['calls matched', `${match.matchedCalls} of ${match.calls}, ${percent(match.timeShare)} of their time`],
      [
        'layers measured',
        `${match.matchedNodes} of ${match.nodes}, ${percent(match.trafficShare)} of the memory traffic`,
      ],
      ...(memory
        ? [
            [
              'memory',
              `${memory.device}: peak ${formatMemory(memory.peakBytes)}, ${formatMemory(grown)} above the start; predicted peak ${formatMemory(view.keepAllPeakBytes)}`,
            ],
          ]
        : []),
    ]),
    '',
    ...(rows.length > 0
      ? [
          table([
            ['layer', 'measured', 'predicted', '×', ...(hasBytes ? ['held', 'predicted'] : [])],
            ...rows.map((row) => layerCells(row, layers[row.id]).slice(0, hasBytes ? 6 : 4)),
          ]),
          ...(rows.some(({ id }) => layers[id].ownShare < 1)
            ? ['* the time, or a part of it, is that of an equal layer']
            : []),
        ]
      : []),
    ...(match.otherCalls.length > 0
      ? [
          '',
          table([
            ['calls of no layer', 'count', 'time'],
            ...match.otherCalls
              .slice(0, shownOthers)
              .map(({ name, count, ms }) => [name, String(count), formatDuration(ms)]),
          ]),
        ]
      : []),
  ].join('\n');
}

/** Of what was measured: NaN for neither. */
const totalMs = ({ forwardMs, backwardMs }: MeasuredLayer): number =>
  Number.isNaN(forwardMs) ? backwardMs : forwardMs + (Number.isNaN(backwardMs) ? 0 : backwardMs);

function layerCells({ name }: LayerRow, layer: MeasuredLayer): string[] {
  const ms = totalMs(layer);
  return [
    layer.ownShare < 1 ? `${name} *` : name,
    formatDuration(ms),
    formatDuration(layer.predictedMs),
    layer.predictedMs > 0 ? (ms / layer.predictedMs).toFixed(2) : '',
    Number.isNaN(layer.heldBytes) ? '' : formatMemory(layer.heldBytes),
    Number.isNaN(layer.heldBytes) ? '' : formatMemory(layer.predictedBytes),
  ];
}
