import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { PlacementBaseline, PlacementView } from '../../planner-core/session/types';
import { counted } from '../ui/names';
import { t, translated } from '../base/l10n';

/** A placement this near its bound is the best there is: the tolerance of solvers. */
const sameShare = 1e-6;

/** How far a placement is above what is proven, as a share; undefined where nothing is proven. */
function gapOf({ timeMs, boundMs }: PlacementView): number | undefined {
  return boundMs > 0 ? Math.max(0, timeMs / boundMs - 1) : undefined;
}

export const isOptimal = (placement: PlacementView): boolean => (gapOf(placement) ?? Infinity) <= sameShare;

/**
 * `12.3 ms a step on 3 devices`, `One step every 12.3 ms on 3 devices` or `12.3 ms an update of 8 micro-batches on 3
 * devices`.
 */
export function timeText({ measure, timeMs, perDevice, pipeline }: PlacementView): string {
  const used = perDevice.filter(({ busyMs }) => busyMs > 0).length;
  const devices = counted(used, 'device');
  const time = formatDuration(timeMs);
  if (measure === 'period') return t('One step every {0} on {1}', time, devices);
  if (measure === 'step') return t('{0} a step on {1}', time, devices);
  return pipeline
    ? t('{0} an update of {1} on {2}', time, counted(pipeline.microBatches, 'micro-batch'), devices)
    : t('{0} an update on {1}', time, devices);
}

/** What is proven about all placements, of a latency for the order the step computes in; undefined where nothing is. */
export function boundText(placement: PlacementView): string | undefined {
  const isOfOrder = placement.objective === 'latency';
  if (isOptimal(placement))
    return isOfOrder
      ? t('no placement is faster in this order: proven')
      : t('no placement is faster: proven');
  if (placement.boundMs <= 0) return undefined;
  const bound = flooredDuration(placement.boundMs);
  return isOfOrder
    ? t('no placement can be below {0} in this order', bound)
    : t('no placement can be below {0}', bound);
}

/** How much may be left to gain, rounded up. What is proven of a latency holds for the order the step computes in. */
export function gapText(placement: PlacementView): string {
  const gap = gapOf(placement);
  const isOfOrder = placement.objective === 'latency';
  if (gap === undefined) return t('Nothing is proven yet about how fast a placement can be.');
  if (isOptimal(placement))
    return isOfOrder
      ? t('Proven optimal: no placement that computes in this order is faster.')
      : t('Proven optimal: no placement is faster.');
  const percent = (Math.ceil(1000 * gap - 1e-6) / 10).toFixed(1);
  return isOfOrder
    ? t('At most {0} % slower than the best placement that computes in this order: proven.', percent)
    : t('At most {0} % slower than the best placement: proven.', percent);
}

/** The device and the link that hold the others up. */
export function bottleneckText({ measure, timeMs, perDevice, channels }: PlacementView): string | undefined {
  const busiest = perDevice.reduce((a, b) => (b.busyMs > a.busyMs ? b : a), perDevice[0]);
  if (!busiest || timeMs <= 0) return undefined;
  const share = (busyMs: number): string => `${Math.round((100 * busyMs) / timeMs)} %`;
  const span = t('of the {0}', measure);
  const device = t('{0} is busy {1} {2}', busiest.device, share(busiest.busyMs), span);
  const link = channels.reduce((a, b) => (b.busyMs > a.busyMs ? b : a), channels[0]);
  return link && link.busyMs > 0 ? `${device}, ${link.name} ${share(link.busyMs)}.` : `${device}.`;
}

/** Against the fastest simple rule that fits. */
export function advantageText({ timeMs, baselines }: PlacementView): string | undefined {
  const best = bestBaseline(baselines);
  if (!best || timeMs <= 0 || best.timeMs <= 0) return undefined;
  const percent = 100 * (1 - timeMs / best.timeMs);
  return percent >= 0.05 ? t('{0} % less than {1}.', percent.toFixed(1), translated(best.name)) : undefined;
}

/** The fastest of the simple rules that fit; undefined where none fits. */
function bestBaseline(baselines: readonly PlacementBaseline[]): PlacementBaseline | undefined {
  return baselines
    .filter(({ fits }) => fits)
    .reduce<PlacementBaseline | undefined>((a, b) => (!a || b.timeMs < a.timeMs ? b : a), undefined);
}

/** `gpu1 needs 20.1 GiB of 16.0 GiB`, for every device that a placement asks too much of. */
export function overText(peakBytes: readonly number[], devices: readonly PlanDevice[]): string[] {
  return devices.flatMap(({ id, memoryBytes }, i) =>
    (peakBytes[i] ?? 0) > memoryBytes
      ? [t('{0} needs {1} of {2}', id, formatMemory(peakBytes[i]), formatMemory(memoryBytes))]
      : [],
  );
}

/** Rounded down in the digits that are shown, so that a bound stays proven. */
export function flooredDuration(durationMs: number): string {
  const step = durationMs >= 1000 ? 10 : durationMs >= 10 ? 0.1 : durationMs >= 0.01 ? 0.01 : 0.00001;
  // What a float lacks of a round number is no reason to round it down.
  return formatDuration(Math.floor(durationMs / step + 1e-6) * step);
}
