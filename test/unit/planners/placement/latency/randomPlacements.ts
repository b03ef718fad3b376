import type { PlacementProblem, Transfers } from '../../../../../planner-core/planners/placement/problem';
import { Random } from '../../../support/random';

export interface RandomPlacementOptions {
  readonly tasks: number;
  readonly devices: number;
  readonly kind: Transfers['kind'];
  /** Devices of one speed, memory and link. */
  readonly isSymmetric?: boolean;
  /** Of memory limits, with respect to what an even share needs; none when absent. */
  readonly memorySlack?: number;
  /** Some tasks share a device; else each is its own group. */
  readonly isColocated?: boolean;
  /** One group is pinned. */
  readonly isPinned?: boolean;
  /** All pairs of devices share one channel. */
  readonly isOneChannel?: boolean;
}

/** A random directed acyclic graph of tasks on devices; whole numbers, so that sums are exact. */
export function randomPlacement(seed: number, options: RandomPlacementOptions): PlacementProblem {
  const random = new Random(seed);
  const { tasks, devices } = options;
  const speeds = Array.from({ length: devices }, () => (options.isSymmetric ? 1 : random.int(1, 4)));
  const durationMs = new Float64Array(devices * tasks);
  for (let task = 0; task < tasks; task++) {
    const base = random.int(0, 9);
    for (let device = 0; device < devices; device++) {
      const own = options.isSymmetric ? base : Math.max(0, base * speeds[device] + random.int(-1, 1));
      durationMs[device * tasks + task] = own;
    }
  }
  const readers: number[][] = [];
  for (let task = 0; task < tasks; task++) {
    const later = Array.from({ length: tasks - task - 1 }, (_, i) => task + 1 + i);
    readers.push(later.filter(() => random.chance(Math.min(0.6, 2.2 / tasks))));
  }
  const producers = readers.flatMap((list, task) => (list.length > 0 ? [task] : []));
  const lists = producers.map((task) => readers[task]);
  const groupOf = Int32Array.from({ length: tasks }, (_, task) => task);
  if (options.isColocated)
    for (let task = 1; task < tasks; task++)
      if (random.chance(0.3)) groupOf[task] = groupOf[random.int(0, task - 1)];
  const names = [...new Set(groupOf)];
  groupOf.forEach((group, task) => (groupOf[task] = names.indexOf(group)));
  const groups = rowsOf(
    names.map((_, group) => [...groupOf.keys()].filter((task) => groupOf[task] === group)),
  );
  const groupBytes = Float64Array.from(names, () => random.int(0, 8));
  const total = groupBytes.reduce((sum, bytes) => sum + bytes, 0);
  const largest = Math.max(...groupBytes);
  const limit = Math.max(largest, Math.ceil((total / devices) * (options.memorySlack ?? 1)));
  const pinnedDevice = new Int32Array(names.length).fill(-1);
  if (options.isPinned) pinnedDevice[random.int(0, names.length - 1)] = random.int(0, devices - 1);
  return {
    taskCount: tasks,
    deviceCount: devices,
    taskName: Array.from({ length: tasks }, (_, task) => `task${task}`),
    deviceName: Array.from({ length: devices }, (_, device) => `device${device}`),
    durationMs,
    order: Int32Array.from({ length: tasks }, (_, task) => task),
    resultProducer: Int32Array.from(producers),
    resultReaders: rowsOf(lists),
    resultBytes: Float64Array.from(producers, () => random.int(0, 6)),
    transfers: transfersOf(random, options, producers.length, lists.flat().length),
    groupOf,
    groups,
    isBackward: new Uint8Array(tasks),
    groupBytes,
    memoryBytes: Float64Array.from({ length: devices }, (_, device) =>
      options.memorySlack === undefined || (!options.isSymmetric && device === devices - 1)
        ? Infinity
        : limit,
    ),
    pinnedDevice,
  };
}

function transfersOf(
  random: Random,
  { kind, devices, isSymmetric, isOneChannel }: RandomPlacementOptions,
  results: number,
  entries: number,
): Transfers {
  const pairs = devices * devices;
  if (kind === 'through-host') {
    return {
      kind,
      resultMs: Float64Array.from({ length: results }, () => random.int(0, 5)),
      isAccelerator: Uint8Array.from({ length: devices }, () => (isSymmetric || random.chance(0.7) ? 1 : 0)),
    };
  }
  const isLocal = (pair: number): boolean => Math.floor(pair / devices) === pair % devices;
  if (kind === 'listed') {
    return {
      kind,
      entryMs: Float64Array.from({ length: entries * pairs }, (_, at) =>
        isLocal(at % pairs) ? 0 : random.int(0, 6),
      ),
    };
  }
  const latency = random.int(0, 2);
  const perByte = random.int(1, 2);
  const isSlow = Array.from({ length: pairs }, () => !isSymmetric && random.chance(0.3));
  return {
    kind,
    latencyMs: Float64Array.from({ length: pairs }, (_, pair) => (isLocal(pair) ? 0 : latency)),
    msPerByte: Float64Array.from({ length: pairs }, (_, pair) =>
      isLocal(pair) ? 0 : perByte * (isSlow[pair] ? 2 : 1),
    ),
    channel: Int32Array.from({ length: pairs }, (_, pair) => (isOneChannel ? 0 : pair)),
    channelCount: isOneChannel ? 1 : pairs,
  };
}

function rowsOf(lists: readonly (readonly number[])[]): { offsets: Int32Array; items: Int32Array } {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => (offsets[i + 1] = offsets[i] + list.length));
  return { offsets, items: Int32Array.from(lists.flat()) };
}

/** Every placement that keeps to memory, pins and what devices can run. */
export function* everyPlacement(problem: PlacementProblem): Generator<Uint8Array> {
  const groupCount = problem.groups.offsets.length - 1;
  const placement = new Uint8Array(groupCount);
  for (;;) {
    if (isValid(problem, placement)) yield placement;
    let at = 0;
    while (at < groupCount && ++placement[at] === problem.deviceCount) placement[at++] = 0;
    if (at === groupCount) return;
  }
}

function isValid(problem: PlacementProblem, placement: Uint8Array): boolean {
  const used = new Float64Array(problem.deviceCount);
  for (let group = 0; group < placement.length; group++) {
    used[placement[group]] += problem.groupBytes[group];
    const pinned = problem.pinnedDevice[group];
    if (pinned >= 0 && pinned !== placement[group]) return false;
  }
  for (let task = 0; task < problem.taskCount; task++)
    if (problem.durationMs[placement[problem.groupOf[task]] * problem.taskCount + task] === Infinity)
      return false;
  return used.every((bytes, device) => bytes <= problem.memoryBytes[device]);
}
