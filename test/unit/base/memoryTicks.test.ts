import { describe, expect, it } from 'vitest';
import { memoryTickLabel, memoryTicks } from '../../../planner-core/base/memoryTicks';

const mib = 2 ** 20;
const gib = 2 ** 30;

describe('memory axis', () => {
  it('steps by powers of two', () => {
    expect(memoryTicks(0, 5.4 * gib, 6).map(memoryTickLabel)).toEqual([
      '0 B',
      '1 GiB',
      '2 GiB',
      '3 GiB',
      '4 GiB',
      '5 GiB',
    ]);
    expect(memoryTicks(700 * mib, 1800 * mib, 4).map(memoryTickLabel)).toEqual([
      '768 MiB',
      '1 GiB',
      '1.25 GiB',
      '1.5 GiB',
      '1.75 GiB',
    ]);
  });

  it('is empty for an empty range', () => expect(memoryTicks(5, 5, 4)).toEqual([]));

  it('leaves digits that mean something', () => {
    expect(memoryTickLabel(100 * gib)).toBe('100 GiB');
    expect(memoryTickLabel(2.25 * gib)).toBe('2.25 GiB');
    expect(memoryTickLabel(12.5 * gib)).toBe('12.5 GiB');
  });
});
