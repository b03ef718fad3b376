import { formatDuration, formatMemory, formatOverhead } from '../../base/format';
import { strategies } from '../../plan/plan';
import { withCalibration } from '../../plan/withCalibration';
import type { FrontierPoint } from '../../planners/frontier';
import { uncontrolled } from '../../base/job';
import { aboutText } from '../assumedText';
import { requireKnownDims } from '../knownDims';
import { openModelFile } from '../models';
import { solverEngine } from '../solverEngine';
import { calibrationOf } from '../calibrationOption';
import { machineOf } from '../machineOptions';
import { offloadOf } from '../offloadOptions';
import { pinsOf, workloadOf, type Options } from '../options';
import { result, table } from '../output';

const numbersOf = ({ peakBytes, stepTimeMs, overheadPercent, lowerBoundPercent }: FrontierPoint) => ({
  budgetBytes: peakBytes,
  peakBytes,
  stepTimeMs,
  overheadPercent,
  lowerBoundPercent,
});

/** `headroom frontier`: overhead against budget, for every strategy, with the baselines. */
export async function frontier(file: string, options: Options): Promise<number> {
  const session = openModelFile(file);
  requireKnownDims(session, options);
  const machine = machineOf(options);
  const { devices } = machine;
  const base = { ...session.defaultInputs(devices), ...machine };
  const inputs = {
    ...withCalibration(base, calibrationOf(options, devices)),
    ...offloadOf(options),
    workload: workloadOf(options),
    pins: pinsOf(options, devices),
  };
  const engine = solverEngine();
  const found = await session.frontier(inputs, uncontrolled, engine).finally(() => engine.dispose());
  if (options.json) {
    const value = {
      strategies: Object.fromEntries(strategies.map((name) => [name, found.strategies[name].map(numbersOf)])),
      baselines: Object.fromEntries(found.baselines.map((point) => [point.name, numbersOf(point)])),
      floor: { bytes: found.floorBytes, node: found.floorNode },
    };
    result(JSON.stringify(value, undefined, 2));
    return 0;
  }
  const row = (name: string, point: FrontierPoint): string[] => [
    name,
    formatMemory(point.peakBytes),
    formatOverhead(point.overheadPercent),
    formatDuration(point.stepTimeMs),
  ];
  result(`${aboutText(session.summary, inputs, options)}\n`);
  result(
    table([
      ['plan', 'peak', 'overhead', 'step'],
      ...found.baselines.map((point) => row(point.name, point)),
      ...strategies.flatMap((name) => found.strategies[name].map((point) => row(name, point))),
      ['proven floor', formatMemory(found.floorBytes), '', found.floorNode],
    ]),
  );
  return 0;
}
