import type { PlacementProblem } from './problem';

/**
 * By device: the first device like it. Two devices are alike when swapping them changes nothing: durations, memory and
 * links (channels too) are the same, and nothing is pinned to either.
 */
export function deviceClasses(problem: PlacementProblem): Uint8Array {
  const { deviceCount, pinnedDevice } = problem;
  const isPinned = new Uint8Array(deviceCount);
  for (const device of pinnedDevice) if (device >= 0) isPinned[device] = 1;
  const classes = new Uint8Array(deviceCount);
  for (let device = 0; device < deviceCount; device++) {
    classes[device] = device;
    for (let other = 0; other < device; other++) {
      if (classes[other] !== other || isPinned[device] || isPinned[other]) continue;
      if (!areAlike(problem, other, device)) continue;
      classes[device] = other;
      break;
    }
  }
  return classes;
}

function areAlike(problem: PlacementProblem, a: number, b: number): boolean {
  const { taskCount, deviceCount, durationMs, memoryBytes, transfers } = problem;
  if (memoryBytes[a] !== memoryBytes[b]) return false;
  for (let task = 0; task < taskCount; task++)
    if (durationMs[a * taskCount + task] !== durationMs[b * taskCount + task]) return false;
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
