import { HeadroomError } from '../../../base/errors';
import type { Job } from '../../../base/job';
import { cheapestSides } from './cheapestSides';
import { improveByMoves } from './improveByMoves';
import { atBandwidth, isWithin, type BytesRange } from './splitCost';
import type { TwoDevices } from './twoDevices';

/** Doublings of the price of memory before it is given up: beyond them times are lost in rounding. */
const maxDoublings = 50;
const maxRounds = 200;
/** Cuts whose cost at a price differs by less of it are equally cheap: rounding. */
const tie = 1e-9;

interface Cut {
  readonly sides: Uint8Array;
  readonly totalMs: number;
  readonly firstBytes: number;
}

/**
 * The best split found whose first device occupies bytes in `range`, and what none can go below: the maximum over prices
 * of memory of the least priced cost (Lagrangian relaxation; for two devices one price, of either sign, is all). Each
 * step tries the price at which the best cut that fits and the best that does not cost the same, as in Eisner and
 * Severance's parametric search. `free`: the sides without limits, which do not fit. Throws 'infeasible' when no cut
 * fits at any price.
 */
export async function fitSides(
  two: TwoDevices,
  byteFactor: number,
  range: BytesRange,
  free: Uint8Array,
  job: Job,
): Promise<{ sides: Uint8Array; boundMs: number }> {
  const cutOf = (sides: Uint8Array): Cut => ({ sides, ...atBandwidth(two, sides, byteFactor) });
  const cutAt = (msPerFirstByte: number): Cut => cutOf(cheapestSides(two, { byteFactor, msPerFirstByte })!);
  let outside = cutOf(free);
  // The limit that is exceeded: bytes of the first device beyond `most`, or of the second beyond its own.
  const isTooMuch = outside.firstBytes > range[1];
  const limit = isTooMuch ? range[1] : range[0];
  const sign = isTooMuch ? 1 : -1;
  const excess = (cut: Cut): number => sign * (cut.firstBytes - limit);
  const pricedMs = (cut: Cut, price: number): number => cut.totalMs + price * excess(cut);

  let price = Math.max(outside.totalMs, 1e-6) / Math.max(two.totalBytes, 1) / 2 ** 10;
  let inside = cutAt(sign * price);
  for (let doubling = 0; excess(inside) > 0; doubling++) {
    await job.checkpoint();
    if (doubling === maxDoublings) throw tooSmall(two, isTooMuch);
    if (excess(inside) < excess(outside)) outside = inside;
    price *= 2;
    inside = cutAt(sign * price);
  }
  let boundMs = outside.totalMs;
  const seen = [outside, inside];
  for (let round = 0; round < maxRounds; round++) {
    await job.checkpoint();
    const even = (inside.totalMs - outside.totalMs) / (excess(outside) - excess(inside));
    const cut = cutAt(sign * even);
    boundMs = Math.max(boundMs, pricedMs(cut, even));
    const isNew = pricedMs(cut, even) < pricedMs(inside, even) * (1 - tie) - tie * Math.abs(even * limit);
    if (!isNew) break;
    seen.push(cut);
    if (excess(cut) > 0) outside = cut;
    else inside = cut;
  }
  let best: Cut | undefined;
  for (const { sides } of seen) {
    const improved = improveByMoves(two, byteFactor, range, sides);
    if (!improved) continue;
    const cut = cutOf(improved);
    if (!best || cut.totalMs < best.totalMs) best = cut;
  }
  if (!best || !isWithin(range, best.firstBytes)) throw tooSmall(two, isTooMuch);
  return { sides: best.sides, boundMs: Math.min(boundMs, best.totalMs) };
}

function tooSmall({ problem, devices }: TwoDevices, isFirst: boolean): HeadroomError {
  const name = problem.deviceName[devices[isFirst ? 0 : 1]];
  return new HeadroomError(
    'infeasible',
    `No split was found that fits the memory of ${name}.`,
    'Choose a device with more memory, or remove pins.',
    { node: largestOn(problem.groupBytes, problem.groups, problem.taskName) },
  );
}

function largestOn(
  groupBytes: Float64Array,
  groups: { readonly offsets: Int32Array; readonly items: Int32Array },
  taskName: readonly string[],
): string {
  const largest = groupBytes.indexOf(Math.max(...groupBytes));
  return taskName[groups.items[groups.offsets[largest]]];
}
