import type { OffloadView, ValueChoice } from '../../../../planner-core/session/offload/offloadView';

/** Two values that leave and come back, the second too late. */
export function someOffload(values: readonly ValueChoice[] = []): OffloadView {
  const mib = 2 ** 20;
  return {
    target: { to: 'host', memoryBytes: 1024 * mib },
    link: { name: 'pcie4x16', outGBPerS: 24, inGBPerS: 24, latencyMs: 0.01, shared: false },
    transfers: [
      { value: 'a', target: 'gelu', bytes: 96 * mib, direction: 'out', startMs: 10, endMs: 14 },
      { value: 'b', target: 'add', bytes: 48 * mib, direction: 'out', startMs: 14, endMs: 16 },
      { value: 'b', target: 'add', bytes: 48 * mib, direction: 'in', startMs: 60, endMs: 62 },
      { value: 'a', target: 'gelu', bytes: 96 * mib, direction: 'in', startMs: 70, endMs: 74 },
    ],
    stalls: [{ startMs: 72, endMs: 74, node: 'backward of gelu', reason: 'fetch' }],
    stallMs: 2,
    outBytes: 144 * mib,
    inBytes: 144 * mib,
    peakBytes: 144 * mib,
    memory: {
      ms: Float64Array.from([0, 10, 14, 62, 74]),
      bytes: Float64Array.from([0, 96 * mib, 144 * mib, 96 * mib, 0]),
    },
    values,
  };
}
