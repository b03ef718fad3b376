import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import { machineOf } from '../../../planner-core/cli/machineOptions';
import { offloadOf } from '../../../planner-core/cli/offloadOptions';

describe('offloadOf', () => {
  it('reads places, links by name or by rate, limits and what is made least of', () => {
    expect(offloadOf({})).toEqual({});
    const { offload, minimise } = offloadOf({
      ...{ offload: 'host', link: ['pcie-4'], 'host-memory': '64GiB', objective: 'energy' },
    });
    expect(minimise).toBe('energy');
    expect(offload).toMatchObject({ to: 'host', memoryBytes: 64 * 1024 ** 3 });
    expect(offload!.link).toMatchObject({ name: 'pcie4x16', outGBPerS: 24, inGBPerS: 24 });
    const custom = offloadOf({ offload: 'storage', link: ['5/7,50'] }).offload!.link;
    expect(custom).toMatchObject({ name: 'custom', outGBPerS: 5, inGBPerS: 7, latencyMs: 0.05 });
    expect(offloadOf({ offload: 'storage', link: ['NVMe4'] }).offload!.link).toMatchObject({ shared: true });
    expect(offloadOf({ objective: 'carbon', 'carbon-intensity': '380' }).carbonGramsPerKWh).toBe(380);
  });

  it.each([
    [{ offload: 'cloud' }, /none, host or storage/],
    [{ offload: 'host', link: ['-3'] }, /above 0/],
    [{ offload: 'host', link: ['24/0'] }, /above 0/],
    [{ offload: 'host', link: ['0'] }, /above 0/],
    [{ offload: 'host', link: ['NaN'] }, /expected GB\/s/],
    [{ offload: 'host', link: ['24,-1'] }, /latency/],
    [{ offload: 'host', link: ['warp'] }, /expected GB\/s/],
    [{ offload: 'host', link: ['24', '12'] }, /twice/],
    [{ offload: 'host', 'host-memory': '0' }, /above 0/],
    [{ 'host-memory': '4GiB' }, /goes with --offload/],
    [{ link: ['24'] }, /goes with --offload/],
    [{ objective: 'carbon' }, /--carbon-intensity/],
    [{ objective: 'carbon', 'carbon-intensity': '-1' }, /0 or more/],
  ])('refuses %j', (options, message) => {
    expect(() => offloadOf(options)).toThrow(HeadroomError);
    expect(() => offloadOf(options)).toThrow(message);
  });

  it('leaves links between ends of the machine to the machine', () => {
    const options = { offload: 'host', link: ['gpu0-host=pcie3x8', 'pcie4x16'] };
    expect(machineOf(options).links).toHaveLength(1);
    expect(offloadOf(options).offload!.link!.name).toBe('pcie4x16');
  });
});
