import fc from 'fast-check';
import type { PlacementProblem, Transfers } from '../../../../../planner-core/planners/placement/problem';
import type { Rows } from '../../../../../planner-core/step/stepGraph';
import { sequenceOfChance } from '../../../../../planner-core/planners/schedule/chance';

export interface ProblemShape {
  readonly seed: number;
  readonly tasks: number;
  readonly devices: number;
  readonly kind: 'through-host' | 'links';
  /** Memory limits, groups of several tasks, pins and tasks that run on some devices only. */
  readonly isRestricted: boolean;
}

export const problemShapes = (mostTasks: number, mostDevices: number): fc.Arbitrary<ProblemShape> =>
  fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    tasks: fc.integer({ min: 1, max: mostTasks }),
    devices: fc.integer({ min: 1, max: mostDevices }),
    kind: fc.constantFrom('through-host' as const, 'links' as const),
    isRestricted: fc.boolean(),
  });

/** A random directed acyclic graph of tasks; some of the devices are alike. The last device runs everything. */
export function randomProblem({ seed, tasks, devices, kind, isRestricted }: ProblemShape): PlacementProblem {
  const chance = sequenceOfChance(seed);
  for (let i = 0; i < 8; i++) chance();
  const upTo = (most: number): number => Math.floor(chance() * (most + 1));
  const kindOf = Int32Array.from({ length: devices }, () => upTo(1));
  const durationMs = new Float64Array(devices * tasks);
  for (let task = 0; task < tasks; task++) {
    const times = [upTo(10), upTo(20)];
    const isRare = isRestricted && chance() < 0.15;
    for (let device = 0; device < devices; device++)
      durationMs[device * tasks + task] = isRare && device < devices - 1 ? Infinity : times[kindOf[device]];
  }
  const groupOf = Int32Array.from({ length: tasks }, (_, task) =>
    isRestricted && task > 0 && chance() < 0.3 ? upTo(task - 1) : task,
  );
  for (let task = 0; task < tasks; task++) groupOf[task] = groupOf[groupOf[task]];
  const roots = [...new Set(groupOf)];
  const groups = roots.map((root) => Array.from(groupOf.keys()).filter((task) => groupOf[task] === root));
  groups.forEach((members, group) => members.forEach((task) => (groupOf[task] = group)));
  const readers = Array.from({ length: tasks }, (_, task) =>
    Array.from({ length: tasks - task - 1 }, (__, i) => task + 1 + i).filter(() => chance() < 2 / tasks),
  );
  const producers = readers.flatMap((list, task) => (list.length > 0 ? [task] : []));
  const groupBytes = Float64Array.from(groups, () => (isRestricted ? upTo(5) : 0));
  const total = groupBytes.reduce((sum, bytes) => sum + bytes, 0);
  return {
    taskCount: tasks,
    deviceCount: devices,
    taskName: readers.map((_, task) => `t${task}`),
    deviceName: Array.from(kindOf, (_, device) => `d${device}`),
    durationMs,
    order: Int32Array.from({ length: tasks }, (_, task) => task),
    resultProducer: Int32Array.from(producers),
    resultReaders: rows(producers.map((task) => readers[task])),
    resultBytes: Float64Array.from(producers, () => upTo(5)),
    transfers: kind === 'links' ? links(devices, chance) : throughHost(producers.length, kindOf, upTo),
    groupOf,
    groups: rows(groups),
    isBackward: new Uint8Array(tasks),
    groupBytes,
    memoryBytes: Float64Array.from(kindOf, (_, device) =>
      isRestricted && device < devices - 1 ? Math.ceil((0.3 + chance()) * total) : Infinity,
    ),
    pinnedDevice: Int32Array.from(groups, () => (isRestricted && chance() < 0.05 ? devices - 1 : -1)),
  };
}

function throughHost(results: number, kindOf: Int32Array, upTo: (most: number) => number): Transfers {
  return {
    kind: 'through-host',
    resultMs: Float64Array.from({ length: results }, () => upTo(6)),
    isAccelerator: Uint8Array.from(kindOf, (kind) => (kind === 0 ? 1 : 0)),
  };
}

function links(devices: number, chance: () => number): Transfers {
  const size = devices * devices;
  const isShared = chance() < 0.3;
  const hasGap = chance() < 0.3;
  return {
    kind: 'links',
    latencyMs: Float64Array.from({ length: size }, () => (chance() < 0.5 ? 0 : 0.5)),
    msPerByte: Float64Array.from({ length: size }, (_, pair) =>
      hasGap && pair === 1 ? Infinity : 0.5 + Math.floor(chance() * 2),
    ),
    channel: Int32Array.from({ length: size }, (_, pair) => (isShared ? 0 : pair)),
    channelCount: isShared ? 1 : size,
  };
}

function rows(lists: readonly (readonly number[])[]): Rows {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => (offsets[i + 1] = offsets[i] + list.length));
  return { offsets, items: Int32Array.from(lists.flat()) };
}

/** Every placement in which each group runs where it may, within memory and with a way for each transfer. */
export function* validPlacements(
  problem: PlacementProblem,
): Generator<{ placement: Uint8Array; periodMs: number }> {
  const count = problem.groups.offsets.length - 1;
  const placement = new Uint8Array(count);
  for (;;) {
    const periodMs = periodOf(problem, placement);
    if (periodMs < Infinity) yield { placement: placement.slice(), periodMs };
    let at = 0;
    while (at < count && ++placement[at] === problem.deviceCount) placement[at++] = 0;
    if (at === count) return;
  }
}

/** The period by its definition, task by task and result by result; Infinity for what is not valid. */
export function periodOf(problem: PlacementProblem, placement: Uint8Array): number {
  const { taskCount, deviceCount, durationMs, groupOf, transfers, resultReaders } = problem;
  const home = (task: number): number => placement[groupOf[task]];
  const bytes = new Float64Array(deviceCount);
  for (let group = 0; group < placement.length; group++) {
    const pin = problem.pinnedDevice[group];
    if (pin >= 0 && placement[group] !== pin) return Infinity;
    bytes[placement[group]] += problem.groupBytes[group];
  }
  if (bytes.some((used, device) => used > problem.memoryBytes[device])) return Infinity;
  const load = new Map<string, number>();
  const add = (key: string, ms: number): void => void load.set(key, (load.get(key) ?? 0) + ms);
  for (let task = 0; task < taskCount; task++)
    add(`d${home(task)}`, durationMs[home(task) * taskCount + task]);
  problem.resultProducer.forEach((producer, result) => {
    const readers = resultReaders.items.subarray(
      resultReaders.offsets[result],
      resultReaders.offsets[result + 1],
    );
    const from = home(producer);
    const targets = [...new Set(Array.from(readers, home))].filter((device) => device !== from);
    if (targets.length === 0 || transfers.kind === 'listed') return;
    for (const to of targets) {
      if (transfers.kind === 'through-host') {
        if (transfers.isAccelerator[to]) add(`d${to}`, transfers.resultMs[result]);
        continue;
      }
      const pair = from * deviceCount + to;
      if (transfers.msPerByte[pair] === Infinity) add('no way', Infinity);
      else
        add(
          `c${transfers.channel[pair]}`,
          transfers.latencyMs[pair] + transfers.msPerByte[pair] * problem.resultBytes[result],
        );
    }
    if (transfers.kind === 'through-host' && transfers.isAccelerator[from])
      add(`d${from}`, transfers.resultMs[result]);
  });
  return Math.max(...load.values());
}
