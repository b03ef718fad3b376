import { listPlacement } from '../latency/listHeuristics';
import type { LatencyModel } from '../latency/latencyModel';
import { ListSchedule } from '../latency/listSchedule';
import { roomOf } from '../latency/repairMemory';
import type { Placement } from '../problem';
import { contiguousRuns } from './contiguousRuns';
import { sequenceOfChance } from '../../schedule/chance';

/** What a simple or customary rule would do. */
export interface PlacementBaseline {
  readonly name: string;
  readonly placement: Placement;
  /** Bytes beyond the memory of devices; 0 for one that fits. */
  readonly excessBytes: number;
  /** Makespan in the order of the problem (with listed transfers the sum of all times). */
  readonly makespanMs: number;
}

const randomDraws = 20;

/**
 * Placements to compare with, in a fixed order; pins and what a device cannot run are respected, memory is where the rule
 * knows of it. A rule that has no placement for this problem is left out.
 */
export function placementBaselines(model: LatencyModel): PlacementBaseline[] {
  const { deviceCount, problem } = model;
  const schedule = new ListSchedule(model);
  const bySpeed = devicesBySpeed(model);
  const rules: [name: string, placement: Placement | undefined][] = [
    ['everything on the fastest device', everythingOn(model, bySpeed[0])],
  ];
  for (let device = 0; device < deviceCount; device++)
    rules.push([`everything on ${problem.deviceName[device]}`, everythingOn(model, device)]);
  rules.push(
    ['filling devices in turn by memory', fillInTurn(model, bySpeed)],
    ['runs of the order, least latency', contiguousRuns(model, bySpeed, 'sum')],
    ['runs of the order, balanced (PipeDream-like)', contiguousRuns(model, bySpeed, 'slowest')],
    ['HEFT', listPlacement(model, { priority: 'mean-rank', looksAhead: false }).placement],
    ['PEFT', listPlacement(model, { priority: 'optimistic-rank', looksAhead: true }).placement],
    [`best of ${randomDraws} at random`, bestAtRandom(model, schedule)],
  );
  return rules.flatMap(([name, placement]) => {
    if (!placement) return [];
    const excessBytes = model.memoryExcess(placement);
    return [{ name, placement, excessBytes, makespanMs: schedule.makespan(placement) }];
  });
}

/** Devices by the time that everything takes on them, what they cannot run counted at its slowest elsewhere. */
export function devicesBySpeed({ taskCount, deviceCount, problem }: LatencyModel): number[] {
  const total = new Float64Array(deviceCount);
  for (let task = 0; task < taskCount; task++) {
    let slowest = 0;
    for (let device = 0; device < deviceCount; device++) {
      const ms = problem.durationMs[device * taskCount + task];
      if (ms !== Infinity) slowest = Math.max(slowest, ms);
    }
    for (let device = 0; device < deviceCount; device++)
      total[device] += Math.min(slowest, problem.durationMs[device * taskCount + task]);
  }
  return [...total.keys()].sort((a, b) => total[a] - total[b] || a - b);
}

/** Every group on a device; what may not be there, on the first device it may have. */
function everythingOn({ groupCount, allowed }: LatencyModel, device: number): Placement {
  return Uint8Array.from({ length: groupCount }, (_, group) =>
    allowed[group].includes(device) ? device : allowed[group][0],
  );
}

/** Groups in order onto one device until it is full, then the next, as `device_map="sequential"` of Accelerate does. */
export function fillInTurn(model: LatencyModel, devices: readonly number[]): Placement | undefined {
  const { groupCount, allowed, problem } = model;
  const placement = new Uint8Array(groupCount);
  const room = problem.memoryBytes.slice();
  let turn = 0;
  for (let group = 0; group < groupCount; group++) {
    const fits = (device: number): boolean =>
      allowed[group].includes(device) && problem.groupBytes[group] <= room[device];
    while (turn < devices.length - 1 && problem.groupBytes[group] > room[devices[turn]]) turn++;
    const device = fits(devices[turn]) ? devices[turn] : devices.find(fits);
    if (device === undefined) return undefined;
    placement[group] = device;
    room[device] -= problem.groupBytes[group];
  }
  return placement;
}

/** The fastest of some random placements that fit. */
function bestAtRandom(model: LatencyModel, schedule: ListSchedule): Placement | undefined {
  const chance = sequenceOfChance(1);
  let best: Placement | undefined;
  let least = Infinity;
  for (let draw = 0; draw < randomDraws; draw++) {
    const placement = Uint8Array.from(
      model.allowed,
      (devices) => devices[Math.floor(chance() * devices.length)],
    );
    if (roomOf(model, placement).some((bytes) => bytes < 0)) continue;
    const makespanMs = schedule.makespan(placement, 0, least);
    if (makespanMs >= least) continue;
    least = makespanMs;
    best = placement;
  }
  return best;
}
