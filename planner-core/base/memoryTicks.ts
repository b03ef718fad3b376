import { formatMemory } from './format';

/**
 * About `count` round amounts of memory in [lowBytes, highBytes]. Steps are powers of two: half a GiB is 512 MiB, but a
 * fifth of one is nothing a reader would call round.
 */
export function memoryTicks(lowBytes: number, highBytes: number, count: number): number[] {
  if (!(highBytes > lowBytes)) return [];
  const step = 2 ** Math.max(0, Math.round(Math.log2((highBytes - lowBytes) / Math.max(count, 1))));
  const ticks: number[] = [];
  for (let i = Math.ceil(lowBytes / step); i * step <= highBytes; i++) ticks.push(i * step);
  return ticks;
}

/** An amount on an axis: `8 GiB` rather than `8.00 GiB`. */
export function memoryTickLabel(bytes: number): string {
  return formatMemory(bytes)
    .replace(/\.0+(?= )/, '')
    .replace(/(\.\d*[1-9])0+(?= )/, '$1');
}
