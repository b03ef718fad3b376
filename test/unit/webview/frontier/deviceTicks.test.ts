import { describe, expect, it } from 'vitest';
import { deviceTicks } from '../../../../webview/frontier/deviceTicks';

const gib = 1024 ** 3;
const catalogue = [
  { name: 'T4', memoryBytes: 16 * gib },
  { name: 'RTX 4080', memoryBytes: 16 * gib },
  { name: 'Raspberry Pi 4 (CPU)', memoryBytes: 4 * gib },
  { name: 'Raspberry Pi 5 (CPU)', memoryBytes: 8 * gib },
];
const names = (chosen: { name: string; memoryBytes: number }): string[] =>
  deviceTicks(catalogue, { id: 'gpu0', ...chosen }, (bytes) => (bytes / gib) * 40, 0, 1000).map(
    ({ name }) => name,
  );

describe('device ticks', () => {
  it('marks accelerators for an accelerator, one name a size', () => {
    expect(names({ name: 'RTX 4090', memoryBytes: 24 * gib })).toEqual(['RTX 4090', 'T4']);
  });

  it('marks processors for a processor', () => {
    expect(names({ name: 'Raspberry Pi 5 (CPU)', memoryBytes: 8 * gib })).toEqual([
      'Raspberry Pi 5 (CPU)',
      'Raspberry Pi 4 (CPU)',
    ]);
  });
});
