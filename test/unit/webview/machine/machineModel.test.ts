import { describe, expect, it } from 'vitest';
import { linkCatalogue } from '../../../../planner-core/devices/linkCatalogue';
import type { MachineDevice } from '../../../../planner-core/devices/machine';
import {
  linkEnds,
  linkOf,
  machineText,
  ofCatalogue,
  withCount,
  withDevices,
  withLink,
  withOneMore,
} from '../../../../webview/machine/machineModel';

const device = (id: string, count?: number): MachineDevice => ({
  id,
  name: 'T4',
  memoryBytes: 16,
  ...(count ? { count } : {}),
});
const fast = ofCatalogue(linkCatalogue[3]);
const slow = ofCatalogue(linkCatalogue[0]);

describe('pairs that can be linked', () => {
  it('are devices alike, each two devices, and each with host memory', () => {
    expect(linkEnds([device('gpu', 2), device('cpu')])).toEqual([
      ['gpu', 'gpu'],
      ['gpu', 'cpu'],
      ['gpu', 'host'],
      ['cpu', 'host'],
    ]);
  });
});

describe('the link of a pair', () => {
  it('is found in either direction', () => {
    const links = withLink(undefined, ['a', 'b'], fast);
    expect(linkOf(links, ['b', 'a'])).toMatchObject({ name: fast.name });
    expect(linkOf(links, ['a', 'c'])).toBeUndefined();
  });

  it('is replaced in its place, and the last one taken away leaves none', () => {
    const two = withLink(withLink(undefined, ['a', 'b'], fast), ['a', 'c'], fast);
    const changed = withLink(two, ['b', 'a'], slow);
    expect(changed?.map(({ name }) => name)).toEqual([slow.name, fast.name]);
    const one = withLink(changed, ['a', 'c'], undefined);
    expect(one).toHaveLength(1);
    expect(withLink(one, ['a', 'b'], undefined)).toBeUndefined();
  });
});

describe('devices', () => {
  it('get an id that is not taken', () => {
    const more = withOneMore([device('gpu1'), device('gpu2')]);
    expect(more.map(({ id }) => id)).toEqual(['gpu1', 'gpu2', 'gpu3']);
  });

  it('are one more, however many the last stands for', () => {
    expect(withOneMore([device('gpu0', 4)])[1]).toEqual(device('gpu1'));
  });

  it('go with their links', () => {
    const links = withLink(withLink(undefined, ['a', 'b'], fast), ['a.1', 'host'], fast);
    const machine = { devices: [device('a', 2), device('b')], links };
    expect(withDevices(machine, [device('a', 2)]).links).toHaveLength(1);
    expect(withDevices(machine, [device('a', 1), device('b')]).links?.[0].between).toEqual(['a', 'b']);
    expect(withDevices(machine, [device('b')]).links).toBeUndefined();
  });

  it('have no count when there is one', () => {
    expect(withCount(device('a', 3), 1)).toEqual(device('a'));
    expect(withCount(device('a'), 3)).toEqual(device('a', 3));
    expect(machineText([device('a', 3), device('b')])).toBe('3 × T4, T4');
  });
});
