import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../../planner-core/devices/catalogue';
import { linkTable, type LinkTable } from '../../../planner-core/devices/links';
import {
  eachDevice,
  namedLinks,
  type MachineDevice,
  type MachineLink,
} from '../../../planner-core/devices/machine';
import { machinePresets } from '../../../planner-core/devices/machinePresets';

const device = (id: string, name: string, count?: number): MachineDevice => ({
  ...{ id, name, count },
  memoryBytes: deviceNamed(name).memoryBytes,
});
const link = (a: string, b: string, gbPerS: number, latencyMs = 0, shared = false): MachineLink => ({
  ...{ between: [a, b], name: 'custom', gbPerS, latencyMs, shared },
});

/** What the table says from one end to another, by name. */
function wired(devices: readonly MachineDevice[], links?: readonly MachineLink[]) {
  const each = eachDevice(devices);
  const table: LinkTable = linkTable(
    each.map(({ id, name }) => ({ id, spec: deviceNamed(name) })),
    links && namedLinks(links, devices),
  );
  const ends = [...each.map(({ id }) => id), 'host'];
  return (from: string, to: string) => {
    const at = ends.indexOf(from) * ends.length + ends.indexOf(to);
    return {
      gbPerS: table.bytesPerMs[at] / 1e6,
      latencyMs: table.latencyMs[at],
      channel: table.channels[table.channel[at]],
    };
  };
}

const [a, b, c] = ['a', 'b', 'c'].map((id) => device(id, 'T4'));

describe('links', () => {
  it('go both ways at once unless they are shared', () => {
    const full = wired([a, b], [link('a', 'b', 10, 0.5)]);
    expect(full('a', 'b')).toEqual({ gbPerS: 10, latencyMs: 0.5, channel: 'a → b' });
    expect(full('b', 'a').channel).toBe('b → a');
    const shared = wired([a, b], [link('a', 'b', 10, 0.5, true)]);
    expect(shared('a', 'b').channel).toBe(shared('b', 'a').channel);
  });

  it('lead through other devices: as fast as the slowest, which is what they occupy', () => {
    const at = wired([a, b, c], [link('a', 'b', 10, 0.5), link('b', 'c', 2, 0.25)]);
    expect(at('a', 'c')).toEqual({ gbPerS: 2, latencyMs: 0.75, channel: 'b → c' });
    expect(at('c', 'a')).toEqual({ gbPerS: 2, latencyMs: 0.75, channel: 'c → b' });
  });

  it('lead the fastest way, and over the better of two between the same ends', () => {
    const at = wired(
      [a, b, c],
      [link('a', 'b', 1), link('a', 'b', 4), link('a', 'c', 50), link('c', 'b', 50)],
    );
    expect(at('a', 'b').gbPerS).toBe(50);
  });

  it('stand for each pair where an end stands for several devices', () => {
    const at = wired([device('gpu', 'T4', 3), a], [link('gpu', 'gpu', 30), link('gpu', 'a', 5)]);
    expect(at('gpu.0', 'gpu.2')).toEqual({ gbPerS: 30, latencyMs: 0, channel: 'gpu.0 → gpu.2' });
    expect(at('a', 'gpu.1').gbPerS).toBe(5);
    expect(
      wired([device('gpu', 'T4', 1), a], [link('gpu', 'gpu', 30), link('gpu', 'a', 5)])('a', 'gpu.0').gbPerS,
    ).toBe(5);
  });

  it('hang a device that none names on the host', () => {
    const cpu = device('cpu', 'EPYC 9654 (CPU)');
    const at = wired([a, cpu, b], [link('a', 'cpu', 10)]);
    expect(at('b', 'a')).toMatchObject({ gbPerS: 10, channel: 'cpu → a' });
    expect(at('b', 'cpu')).toMatchObject({ gbPerS: 12, channel: 'b → host' });
  });

  it('leave offloading to the link a device has to its own host', () => {
    const at = wired([a, b], [link('a', 'b', 0.1)]);
    expect(at('b', 'host')).toEqual({ gbPerS: 12, latencyMs: 0, channel: 'b → host' });
  });

  it.each<[string, MachineDevice[], MachineLink[]]>([
    ['No link leads from a to c', [a, b, c, device('d', 'T4')], [link('a', 'b', 1), link('c', 'd', 1)]],
    ['names "z", which is no device', [a, b], [link('a', 'z', 1)]],
    ['has 0 GB/s', [a, b], [link('a', 'b', 0)]],
    ['has NaN GB/s', [a, b], [link('a', 'b', NaN)]],
    ['-1 ms latency', [a, b], [link('a', 'b', 1, -1)]],
    ['from a to itself', [a, b], [link('a', 'a', 1)]],
  ])('refuse a machine: %s', (message, devices, links) => {
    expect(() => wired(devices, links)).toThrowError(
      expect.objectContaining({ code: 'bad-machine', message: expect.stringContaining(message) as string }),
    );
  });

  it.each(machinePresets)('join the devices of $name', ({ devices, links }) => {
    const at = wired(devices, links);
    const ids = eachDevice(devices).map(({ id }) => id);
    for (const from of ids)
      for (const to of ids) if (from !== to) expect(at(from, to).gbPerS).toBeGreaterThan(0.1);
  });
});
