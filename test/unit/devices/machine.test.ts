import { describe, expect, it } from 'vitest';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { findLink, linkBetween, linkCatalogue } from '../../../planner-core/devices/linkCatalogue';
import { eachDevice, hostEnd, idsOf } from '../../../planner-core/devices/machine';
import { findMachine, machinePresets } from '../../../planner-core/devices/machinePresets';

describe('the link catalogue', () => {
  it('has unique names', () => {
    expect(new Set(linkCatalogue.map(({ name }) => name)).size).toBe(linkCatalogue.length);
  });

  it.each(linkCatalogue)('$name has a rate, a latency and a source', ({ gbPerS, latencyMs, source }) => {
    expect(gbPerS).toBeGreaterThan(0.1);
    expect(gbPerS).toBeLessThanOrEqual(900);
    expect(latencyMs).toBeGreaterThan(0);
    expect(latencyMs).toBeLessThan(1);
    expect(source).toMatch(/\w+ .*\w/);
  });

  it.each(['pcie3', 'pcie4', 'pcie5'])('%s: sixteen lanes carry twice what eight do', (name) => {
    expect(findLink(`${name}x16`)?.gbPerS).toBe(2 * (findLink(`${name}x8`)?.gbPerS ?? 0));
  });

  it('finds a link whatever the case of its name', () => {
    expect(findLink(' PCIe4x16 ')?.name).toBe('pcie4x16');
    expect(findLink('string and two cans')).toBeUndefined();
    expect(() => linkBetween(['a', 'b'], 'nothing')).toThrow(RangeError);
  });
});

describe('devices that stand for several', () => {
  it('go by numbered ids', () => {
    expect(idsOf({ id: 'gpu', count: 3 })).toEqual(['gpu.0', 'gpu.1', 'gpu.2']);
    expect(idsOf({ id: 'gpu' })).toEqual(['gpu']);
    const devices = [
      { id: 'cpu', name: 'C', memoryBytes: 1 },
      { id: 'gpu', name: 'G', memoryBytes: 2, count: 2 },
    ];
    expect(eachDevice(devices).map(({ id, memoryBytes }) => [id, memoryBytes])).toEqual([
      ['cpu', 1],
      ['gpu.0', 2],
      ['gpu.1', 2],
    ]);
  });
});

describe('machine presets', () => {
  it('have unique names', () => {
    expect(new Set(machinePresets.map(({ name }) => name)).size).toBe(machinePresets.length);
    expect(findMachine(' 8X-H100 ')?.name).toBe('8x-h100');
  });

  it.each(machinePresets)('$name: devices of the catalogue, links between them', ({ devices, links }) => {
    const ends = new Set([hostEnd, ...devices.map(({ id }) => id)]);
    for (const { name, memoryBytes } of devices) expect(findDevice(name)?.memoryBytes).toBe(memoryBytes);
    for (const { between } of links) for (const end of between) expect(ends).toContain(end);
  });
});
