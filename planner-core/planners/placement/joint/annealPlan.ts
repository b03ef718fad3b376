import type { Job } from '../../../base/job';
import { sequenceOfChance } from '../../schedule/chance';
import type { Repeat, StepPlan, StepPlans, WeighedPlan } from './stepPlans';

export interface AnnealOptions {
  /** Plans that are weighed. */
  readonly trials: number;
  /** Not 0. */
  readonly seed: number;
  /** Ends the search early; what is given then is the best so far. */
  readonly isOver?: () => boolean;
}

/** From what share of the time upwards worse plans are accepted rarely: at the start and at the end. */
const warmth = [0.02, 0.0005] as const;
/** A plan that exceeds its limits by this share of them counts as slower by as much of its time, times five. */
const excessPrice = 5;
/** Mean length of a run of groups that change together. */
const meanRun = 6;

/**
 * Simulated annealing over plans of a step: runs of groups change their device, run again (there or on another
 * device), wait in host memory or are just kept, or change device and that at once. Starts from a plan and never gives a worse one. Deterministic for a seed.
 */
export async function annealPlan(
  plans: StepPlans,
  start: WeighedPlan,
  { trials, seed, isOver }: AnnealOptions,
  job: Job,
): Promise<WeighedPlan> {
  const chance = sequenceOfChance(seed);
  const limit = plans.limitBytes.reduce((sum, bytes) => sum + (bytes < Infinity ? bytes : 0), 0);
  const energy = ({ timeMs, excessBytes }: WeighedPlan): number =>
    timeMs * (1 + (limit > 0 ? (excessPrice * excessBytes) / limit : 0));
  let current = start;
  let best = start;
  for (let trial = 0; trial < trials; trial++) {
    await job.checkpoint();
    if (isOver?.()) break;
    const heat = best.timeMs * warmth[0] * (warmth[1] / warmth[0]) ** (trial / trials);
    const candidate = moved(plans, current, chance);
    const most = energy(current) - heat * Math.log(1 - chance());
    if (!candidate) continue;
    const weighed = plans.weigh(candidate);
    if (energy(weighed) > most) continue;
    current = weighed;
    if (isBetter(current, best)) best = current;
  }
  return descend(plans, best, isOver, job);
}

/** Fits better; of those that fit as well, takes less time. */
export function isBetter(one: WeighedPlan, other: WeighedPlan): boolean {
  if (one.excessBytes !== other.excessBytes) return one.excessBytes < other.excessBytes;
  return one.timeMs < other.timeMs;
}

function moved(
  plans: StepPlans,
  { devices, offloads, repeats }: StepPlan,
  chance: () => number,
): StepPlan | undefined {
  const { groupCount, step } = plans;
  const deviceCount = step.devices.length;
  const pick = (count: number): number => Math.floor(chance() * count);
  const first = pick(groupCount);
  const length = 1 + Math.floor(-Math.log(1 - chance()) * (chance() < 0.3 ? meanRun * 5 : meanRun));
  const groups = new Set<number>();
  for (let group = first; group < Math.min(groupCount, first + length); group++) groups.add(group);
  const kind = chance();
  const next = devices.slice();
  if (kind < 0.6) {
    const device = pick(deviceCount);
    for (const group of groups) if (plans.pinnedDevice[group] < 0) next[group] = device;
  }
  let again: readonly Repeat[] = repeats;
  let away = offloads;
  if (kind >= 0.3) {
    const what = chance();
    if (what < 0.35) {
      again = plans.withoutRepeats(repeats, groups);
      away = plans.withOffloads(offloads, groups, false);
    } else if (what < 0.65) away = plans.withOffloads(offloads, groups, true);
    else again = plans.withRepeats(repeats, groups, what < 0.95 ? -1 : pick(deviceCount));
  }
  const isSame =
    isSameList(again, repeats, isAlike) &&
    isSameList(away, offloads, (a, b) => a === b) &&
    next.every((device, group) => device === devices[group]);
  return isSame ? undefined : { devices: next, offloads: away, repeats: again };
}

function isSameList<T>(one: readonly T[], other: readonly T[], isSame: (a: T, b: T) => boolean): boolean {
  return one.length === other.length && one.every((item, i) => isSame(item, other[i]));
}

const isAlike = (a: Repeat, b: Repeat): boolean =>
  a.before === b.before && a.node === b.node && a.device === b.device;

/** Group by group: without its repeats, and on each other device, for as long as one of them helps. */
async function descend(
  plans: StepPlans,
  start: WeighedPlan,
  isOver: (() => boolean) | undefined,
  job: Job,
): Promise<WeighedPlan> {
  let best = start;
  for (let group = 0; group < plans.groupCount; group++) {
    const alone = new Set([group]);
    const candidates: StepPlan[] = [];
    const repeats = plans.withoutRepeats(best.repeats, alone);
    if (repeats.length < best.repeats.length) candidates.push({ ...best, repeats });
    const offloads = plans.withOffloads(best.offloads, alone, false);
    if (offloads.length < best.offloads.length) candidates.push({ ...best, offloads });
    for (let device = 0; device < plans.step.devices.length; device++) {
      if (plans.pinnedDevice[group] >= 0 || device === best.devices[group]) continue;
      const devices = best.devices.slice();
      devices[group] = device;
      candidates.push({ ...best, devices });
    }
    for (const candidate of candidates) {
      await job.checkpoint();
      if (isOver?.()) return best;
      const weighed = plans.weigh(candidate);
      if (isBetter(weighed, best)) best = weighed;
    }
  }
  return best;
}
