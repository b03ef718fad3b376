import { formatMemory } from '../../planner-core/base/format';
import { memoryTicks } from '../../planner-core/base/memoryTicks';

/** About `count` round amounts of memory in [lowBytes, highBytes]. */
export function memoryTicksBetween(lowBytes: number, highBytes: number, count: number): number[] {
  if (!(highBytes > lowBytes)) return [];
  const overWholeAxis = (count * highBytes) / (highBytes - lowBytes);
  return memoryTicks(highBytes, overWholeAxis).filter((bytes) => bytes >= lowBytes);
}

/** An amount on an axis: `8 GiB` rather than `8.00 GiB`. */
export function memoryTickLabel(bytes: number): string {
  return formatMemory(bytes)
    .replace(/\.0+(?= )/, '')
    .replace(/(\.\d*[1-9])0+(?= )/, '$1');
}
