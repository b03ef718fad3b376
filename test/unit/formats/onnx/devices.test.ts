import { describe, expect, it } from 'vitest';
import type { NodeDeviceSpec, NodeSpec } from '../../../fixtures/onnx-builder/onnx';
import { open } from '../support';

const relu = (name: string, from: string, to: string, devices?: readonly NodeDeviceSpec[]): NodeSpec => ({
  ...{ type: 'Relu', name, inputs: [from], outputs: [to], devices },
});
const on = (...devices: number[]): NodeDeviceSpec => ({ configuration: 'two', sharding: [devices] });

describe('device configurations', () => {
  it('say where operators run, those inside functions too', () => {
    const graph = open({
      irVersion: 11,
      inputs: [{ name: 'x' }],
      nodes: [
        relu('a', 'x', 'b', [on(0)]),
        { type: 'F', domain: 'own', name: 'f', inputs: ['b'], outputs: ['c'], devices: [on(1)] },
        relu('d', 'c', 'e'),
      ],
      functions: [
        {
          ...{ name: 'F', domain: 'own', inputs: ['i'], outputs: ['o'] },
          nodes: [relu('outer', 'i', 'm'), relu('own', 'm', 'o', [on(0)])],
        },
      ],
      configurations: [{ name: 'two', deviceCount: 2, devices: ['left', 'right'] }],
    });
    expect(graph.placements).toEqual([
      {
        ...{ name: 'two', deviceCount: 2, devices: ['left', 'right'] },
        deviceOf: new Map([
          ['a', 0],
          ['f/outer', 1],
          ['f/own', 0],
        ]),
      },
    ]);
    expect(graph.diagnostics).toMatchObject([{ severity: 'info', code: 'file-placement' }]);
    expect(graph.diagnostics[0].message).toContain('3 operators on 2 devices (configuration "two")');
  });

  it('leave out what is split over devices, and take pipeline stages for devices in order', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      nodes: [
        relu('split', 'x', 'a', [on(0, 1)]),
        relu('grouped', 'a', 'b', [{ configuration: 'two', sharding: [[-1]], groups: { '-1': [1] } }]),
        relu('widely', 'b', 'c', [{ configuration: 'two', sharding: [[-1]], groups: { '-1': [0, 1] } }]),
        relu('staged', 'c', 'd', [{ configuration: 'stages', stage: 2 }]),
        relu('negative', 'd', 'e', [on(-5), { configuration: 'stages', stage: 0 }]),
      ],
    });
    expect(
      graph.placements?.map(({ name, deviceCount, deviceOf }) => [name, deviceCount, [...deviceOf]]),
    ).toEqual([
      ['two', 2, [['grouped', 1]]],
      [
        'stages',
        3,
        [
          ['staged', 2],
          ['negative', 0],
        ],
      ],
    ]);
  });

  it('are absent where no node refers to one', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      nodes: [relu('a', 'x', 'b')],
      configurations: [{ name: 'two', deviceCount: 1e9 }],
    });
    expect(graph.placements).toBeUndefined();
    expect(graph.diagnostics).toEqual([]);
  });
});
