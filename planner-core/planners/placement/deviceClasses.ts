import type { PlacementProblem, Transfers } from './problem';

/** What devices are compared by. */
export interface ComparedDevices {
  readonly deviceCount: number;
  /** Device by device: times of all tasks, or groups, on it. */
  readonly timeMs: Float64Array;
  readonly memoryBytes: Float64Array;
  readonly transfers: Transfers;
}

/**
 * By device: the first device like it. Two devices are alike when swapping them changes nothing: durations, memory and
 * links (channels too) are the same, and nothing is pinned to either.
 */
export function deviceClasses(problem: PlacementProblem): Uint8Array {
  const { deviceCount, pinnedDevice, durationMs, memoryBytes, transfers } = problem;
  const compared = { deviceCount, timeMs: durationMs, memoryBytes, transfers };
  const isPinned = new Uint8Array(deviceCount);
  for (const device of pinnedDevice) if (device >= 0) isPinned[device] = 1;
  const classes = new Uint8Array(deviceCount);
  for (let device = 0; device < deviceCount; device++) {
    classes[device] = device;
    for (let other = 0; other < device; other++) {
      if (classes[other] !== other || isPinned[device] || isPinned[other]) continue;
      if (!areAlike(compared, other, device)) continue;
      classes[device] = other;
      break;
    }
  }
  return classes;
}

/** Devices that are alike, class by class, each in ascending order: planners need to look at one exchange of them. */
export function likeDevices(compared: ComparedDevices): number[][] {
  const classes: number[][] = [];
  for (let device = 0; device < compared.deviceCount; device++) {
    const known = classes.find(([first]) => areAlike(compared, first, device));
    if (known) known.push(device);
    else classes.push([device]);
  }
  return classes;
}

function areAlike(
  { deviceCount, timeMs, memoryBytes, transfers }: ComparedDevices,
  a: number,
  b: number,
): boolean {
  if (memoryBytes[a] !== memoryBytes[b]) return false;
  const rowCount = timeMs.length / deviceCount;
  for (let row = 0; row < rowCount; row++)
    if (timeMs[a * rowCount + row] !== timeMs[b * rowCount + row]) return false;
  if (transfers.kind === 'through-host') return transfers.isAccelerator[a] === transfers.isAccelerator[b];
  const swap = (device: number): number => (device === a ? b : device === b ? a : device);
  // Swapping must be undone by a renaming of channels.
  const renamed = new Map<number, number>();
  const isRenamed = (from: number, to: number): boolean => {
    if ((renamed.get(from) ?? to) !== to || (renamed.get(to) ?? from) !== from) return false;
    renamed.set(from, to);
    renamed.set(to, from);
    return true;
  };
  for (let from = 0; from < deviceCount; from++) {
    for (let to = 0; to < deviceCount; to++) {
      if (from === to) continue;
      const pair = from * deviceCount + to;
      const swapped = swap(from) * deviceCount + swap(to);
      if (transfers.kind === 'listed') {
        const pairs = deviceCount * deviceCount;
        for (let at = 0; at < transfers.entryMs.length; at += pairs)
          if (transfers.entryMs[at + pair] !== transfers.entryMs[at + swapped]) return false;
        continue;
      }
      if (transfers.latencyMs[pair] !== transfers.latencyMs[swapped]) return false;
      if (transfers.msPerByte[pair] !== transfers.msPerByte[swapped]) return false;
      const hasWay = transfers.msPerByte[pair] !== Infinity;
      if (hasWay && !isRenamed(transfers.channel[pair], transfers.channel[swapped])) return false;
    }
  }
  return true;
}
