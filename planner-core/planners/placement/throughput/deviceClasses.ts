import type { LoadModel } from './loadModel';

/**
 * Devices that can be exchanged without changing any load: the same times, memory and links. Each class lists its devices
 * in ascending order; of placements that differ by such an exchange planners need to look at one.
 */
export function deviceClasses(model: LoadModel): number[][] {
  const classes: number[][] = [];
  for (let device = 0; device < model.deviceCount; device++) {
    const known = classes.find(([first]) => isAlike(model, first, device));
    if (known) known.push(device);
    else classes.push([device]);
  }
  return classes;
}

function isAlike(model: LoadModel, a: number, b: number): boolean {
  const { groupCount, timeMs, memoryBytes, transfers } = model;
  if (memoryBytes[a] !== memoryBytes[b]) return false;
  for (let group = 0; group < groupCount; group++)
    if (timeMs[a * groupCount + group] !== timeMs[b * groupCount + group]) return false;
  if (transfers.kind === 'through-host') return transfers.isAccelerator[a] === transfers.isAccelerator[b];
  return isLinkedAlike(model, a, b);
}

/** Does exchanging two devices map the links onto themselves, and channels one to one? */
function isLinkedAlike({ deviceCount, transfers }: LoadModel, a: number, b: number): boolean {
  if (transfers.kind !== 'links') return true;
  const other = (device: number): number => (device === a ? b : device === b ? a : device);
  const channelTo = new Map<number, number>();
  const channelFrom = new Map<number, number>();
  for (let from = 0; from < deviceCount; from++) {
    for (let to = 0; to < deviceCount; to++) {
      if (from === to) continue;
      const pair = from * deviceCount + to;
      const image = other(from) * deviceCount + other(to);
      if (transfers.latencyMs[pair] !== transfers.latencyMs[image]) return false;
      if (transfers.msPerByte[pair] !== transfers.msPerByte[image]) return false;
      const [channel, imageChannel] = [transfers.channel[pair], transfers.channel[image]];
      if ((channelTo.get(channel) ?? imageChannel) !== imageChannel) return false;
      if ((channelFrom.get(imageChannel) ?? channel) !== channel) return false;
      channelTo.set(channel, imageChannel);
      channelFrom.set(imageChannel, channel);
    }
  }
  return true;
}
