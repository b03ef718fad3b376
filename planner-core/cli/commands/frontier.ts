import { formatDuration, formatMemory, formatOverhead } from '../../base/format';
import { strategies } from '../../plan/plan';
import { withCalibration } from '../../plan/withCalibration';
import type { FrontierPoint } from '../../planners/frontier';
import { spread } from '../../base/spread';
import { uncontrolled } from '../../base/job';
import { aboutText } from '../assumedText';
import { requireKnownDims } from '../knownDims';
import { openModelFile } from '../models';
import { solverEngine } from '../solverEngine';
import { calibrationOf } from '../calibrationOption';
import { machineOf } from '../machineOptions';
import { offloadOf } from '../offloadOptions';
import { pinsOf, workloadOf, type Options } from '../options';
import { message, result, table } from '../output';

/** Plans of a strategy that are printed unless all are asked for, from the least memory to the least time. */
const shownPoints = 8;

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
      ...strategies.flatMap((name) => {
        const points = found.strategies[name];
        return (options.verbose ? points : spread(points, shownPoints)).map((point) => row(name, point));
      }),
    ]),
  );
  const because = found.floorNode === '' ? '' : `, because of ${found.floorNode}`;
  result(`\nNo plan needs less than ${formatMemory(found.floorBytes)}${because}.`);
  if (!options.verbose && strategies.some((name) => found.strategies[name].length > shownPoints))
    message(`Of each strategy ${shownPoints} plans are shown: --verbose and --json have all.`);
  return 0;
}
