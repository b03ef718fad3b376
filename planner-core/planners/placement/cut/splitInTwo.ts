import { HeadroomError } from '../../../base/errors';
import { formatMemory } from '../../../base/format';
import { uncontrolled, type Job } from '../../../base/job';
import type { Placement, PlacementProblem } from '../problem';
import { cheapestSides } from './cheapestSides';
import { fitSides } from './fitSides';
import { atBandwidth, crosses, isWithin, type BytesRange, type SplitCost } from './splitCost';
import { twoDevices, type Crossing, type Direction, type TwoDevices } from './twoDevices';

export interface SplitOptions {
  readonly direction?: Direction;
  /** The bandwidth of the links between the two, in multiples of the problem's own: 1 when absent. */
  readonly bandwidthFactor?: number;
  /** Ignore the memory of the two devices. */
  readonly ignoreMemory?: boolean;
}

/** Where everything runs, of two devices, and what that costs: one request after the other, nothing overlaps. */
export interface Split extends SplitCost {
  readonly placement: Placement;
  /** What goes over the link. */
  readonly crossings: readonly Crossing[];
  /** Proven: no split that fits takes less time. Equal to `totalMs` where memory does not decide. */
  readonly boundMs: number;
}

/**
 * The split with the least sum of computations and transfers (Dyno; Kang et al., "Neurosurgeon", ASPLOS 2017, for chains;
 * Hu et al., "DADS", INFOCOM 2019, for graphs). Exact without memory limits, by one minimum cut. With them the cuts along
 * the price of memory, the best of them improved by moves; `boundMs` says how far it can be from the best. Throws
 * 'infeasible' and 'bad-usage' as `twoDevices` does, 'infeasible' also when no split was found that fits, and
 * 'cancelled' when the job is.
 */
export async function splitInTwo(
  problem: PlacementProblem,
  first: number,
  second: number,
  options: SplitOptions = {},
  job: Job = uncontrolled,
): Promise<Split> {
  const { direction = 'both', bandwidthFactor = 1, ignoreMemory = false } = options;
  const two = twoDevices(problem, first, second, direction);
  const byteFactor = 1 / bandwidthFactor;
  await job.checkpoint();
  const sides = cheapestSides(two, { byteFactor, msPerFirstByte: 0 });
  if (!sides) throw noWay(two);
  const cost = atBandwidth(two, sides, byteFactor);
  if (ignoreMemory || isWithin(bytesRange(two), cost.firstBytes))
    return describe(two, sides, cost, cost.totalMs);
  const fitting = await fitSides(two, byteFactor, bytesRange(two), sides, job);
  return describe(two, fitting.sides, atBandwidth(two, fitting.sides, byteFactor), fitting.boundMs);
}

export const describe = (two: TwoDevices, sides: Uint8Array, cost: SplitCost, boundMs: number): Split => ({
  ...cost,
  placement: sides.map((side) => two.devices[side]),
  crossings: two.crossings.filter((crossing) => crosses(crossing, sides)),
  boundMs,
});

/** Throws 'infeasible' when both together are too small. */
function bytesRange({ problem, devices, totalBytes }: TwoDevices): BytesRange {
  const [firstBytes, secondBytes] = devices.map((device) => problem.memoryBytes[device]);
  if (totalBytes <= firstBytes + secondBytes) return [totalBytes - secondBytes, firstBytes];
  const [firstName, secondName] = devices.map((device) => problem.deviceName[device]);
  throw new HeadroomError(
    'infeasible',
    `Everything occupies ${formatMemory(totalBytes)}; ${firstName} and ${secondName} together have ` +
      `${formatMemory(firstBytes + secondBytes)}.`,
    'Choose devices with more memory.',
  );
}

function noWay({ problem, devices }: TwoDevices): HeadroomError {
  const [firstName, secondName] = devices.map((device) => problem.deviceName[device]);
  return new HeadroomError(
    'infeasible',
    `What has to run on ${firstName} and on ${secondName} needs results that have no way between them.`,
    'Connect the devices, allow both directions, or remove pins.',
  );
}
