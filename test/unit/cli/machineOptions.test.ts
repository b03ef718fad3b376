import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { machineOf, type MachineOptions } from '../../../planner-core/cli/machineOptions';
import { machinePresets } from '../../../planner-core/devices/machinePresets';

describe('machineOf', () => {
  it('takes devices with their memory', () => {
    const { devices, links, objective } = machineOf({ device: ['t4', 'RTX 4090:20GiB'] });
    expect(devices.map(({ id, name, memoryBytes }) => [id, name, memoryBytes / 1024 ** 3])).toEqual([
      ['gpu0', 'T4', 16],
      ['gpu1', 'RTX 4090', 20],
    ]);
    expect([links, objective]).toEqual([undefined, undefined]);
  });

  it.each(machinePresets)('knows $name', ({ name, devices, links }) => {
    expect(machineOf({ machine: name })).toEqual({ devices, links });
  });

  it('takes links by name or by number', () => {
    const { links } = machineOf({ device: ['T4', 'T4'], link: ['gpu0-gpu1=pcie4x16', 'gpu1-host=0.5,20'] });
    expect(links).toMatchObject([
      { between: ['gpu0', 'gpu1'], name: 'pcie4x16', gbPerS: 24 },
      { between: ['gpu1', 'host'], name: 'custom', gbPerS: 0.5, latencyMs: 0.02 },
    ]);
  });

  it('reads a machine file, and says what is wrong with it', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'machine-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'm.json');
    const devices = [{ id: 'a', name: 'T4', memoryBytes: 7, count: 2 }];
    writeFileSync(file, JSON.stringify({ devices }));
    expect(machineOf({ machine: file, objective: 'latency' })).toEqual({ devices, objective: 'latency' });
    writeFileSync(file, JSON.stringify({ devices, links: [{ between: ['a', 'a'], gbPerS: 0 }] }));
    expect(() => machineOf({ machine: file })).toThrowError(expect.objectContaining({ code: 'bad-machine' }));
    expect(() => machineOf({ machine: `${file}.json` })).toThrowError(
      expect.objectContaining({ code: 'file-access' }),
    );
  });

  it.each<[string, MachineOptions]>([
    ['unknown-device', { device: ['abacus'] }],
    ['bad-usage', { device: ['T4:much'] }],
    ['bad-usage', { machine: 'my box' }],
    ['bad-usage', { machine: '8x-h100', device: ['T4'] }],
    ['bad-usage', { device: ['T4', 'T4'], link: ['gpu0-gpu7=pcie4x16'] }],
    ['bad-usage', { device: ['T4', 'T4'], link: ['gpu0-gpu1=wool'] }],
    ['bad-usage', { device: ['T4', 'T4'], link: ['gpu0-gpu1=0'] }],
    ['bad-usage', { objective: 'beauty' }],
  ])('%s: %j', (code, options) => {
    expect(() => machineOf(options)).toThrowError(expect.objectContaining({ code }));
  });
});
