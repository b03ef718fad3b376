import type { DeviceSpec } from './catalogue';

/**
 * Bandwidths between devices and host memory in bytes per millisecond, row-major over (devices + host memory).
 * Like devices talk over their peer link, unlike ones through the slower of their host links.
 */
export function linkTable(devices: readonly DeviceSpec[]): Float64Array {
  const count = devices.length;
  const table = new Float64Array((count + 1) ** 2);
  const bytesPerMs = (gbPerS: number): number => gbPerS * 1e6;
  for (let from = 0; from <= count; from++) {
    for (let to = 0; to <= count; to++) {
      if (from === to) continue;
      let gbPerS: number;
      if (from === count || to === count) gbPerS = devices[Math.min(from, to)].hostLinkGBPerS;
      else if (devices[from].name === devices[to].name) gbPerS = devices[from].peerLinkGBPerS;
      else gbPerS = Math.min(devices[from].hostLinkGBPerS, devices[to].hostLinkGBPerS);
      table[from * (count + 1) + to] = bytesPerMs(gbPerS);
    }
  }
  return table;
}
