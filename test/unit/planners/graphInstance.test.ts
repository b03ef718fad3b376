import { describe, expect, it } from 'vitest';
import { readGraphInstance } from '../../../planner-core/step/graphInstance';

type Json = Record<string, unknown>;
const node = (id: number, rest: Json = {}): Json => ({
  id,
  name: `n${id}`,
  time_ms: { gpu: 1 + id },
  output_bytes: 10,
  ...rest,
});
const instance = (changes: Json = {}): Json => ({
  format: 'dnn-graph-instance/1',
  id: 'test',
  kind: 'remat',
  devices: [{ id: 'd0', kind: 'gpu', memory_bytes: null }],
  nodes: [node(0), node(1), node(2)],
  edges: [
    [0, 1],
    [1, 2],
    [0, 2],
  ],
  ...changes,
});
const read = (changes: Json = {}) => readGraphInstance(JSON.stringify(instance(changes)));

describe('readGraphInstance', () => {
  it('makes a step of the instance in its order', () => {
    const { step, order, devices } = read();
    expect(order).toEqual([0, 1, 2]);
    expect([...step.durationMs]).toEqual([1, 2, 3]);
    expect([...step.recomputable]).toEqual([1, 1, 1]);
    expect(devices[0].memoryBytes).toBeUndefined();
    expect(read({ edges: [[0, 1]], order: [2, 0, 1] }).order).toEqual([2, 0, 1]);
  });

  it('finds an order when the index order is none', () => {
    const { order } = read({
      edges: [
        [2, 0],
        [0, 1],
      ],
    });
    expect(order).toEqual([2, 0, 1]);
  });

  it('reads what must be there at the end in a last node', () => {
    const { step, order } = read({ pinned_at_end: [0, 2] });
    expect(order).toEqual([0, 1, 2]);
    expect(step.nodeCount).toBe(4);
    expect([...step.inputs.items.slice(step.inputs.offsets[3])]).toEqual([0, 2]);
    expect([step.durationMs[3], step.recomputable[3]]).toEqual([0, 0]);
    expect(() => read({ pinned_at_end: [3] })).toThrow(/pinned_at_end/);
  });

  it('takes times by device or by kind of device, and no time where a node cannot run', () => {
    const { nodes } = read({
      devices: [
        { id: 'd0', kind: 'gpu' },
        { id: 'd1', kind: 'cpu' },
      ],
      nodes: [
        node(0, { time_ms: { gpu: 1, d1: 7 } }),
        node(1, { time_ms: { gpu: 1, cpu: 9 }, compat: ['cpu'] }),
      ],
      edges: [],
    });
    expect(nodes.map(({ timeMs }) => timeMs)).toEqual([
      [1, 7],
      [Infinity, 9],
    ]);
  });

  const broken: [what: string, changes: Json, message: RegExp][] = [
    ['another format', { format: 'dnn-graph-instance/2' }, /format/],
    ['no devices', { devices: [] }, /devices/],
    ['two devices of one name', { devices: [{ id: 'd0', kind: 'gpu' }, { id: 'd0', kind: 'cpu' }] }, /two devices/], // prettier-ignore
    ['no nodes', { nodes: [] }, /nodes/],
    ['nodes that are no list', { nodes: {} }, /"nodes" is no list/],
    ['a wrong id', { nodes: [node(1)], edges: [] }, /nodes\[0\]\.id/],
    ['no time', { nodes: [node(0, { time_ms: {} })], edges: [] }, /time_ms/],
    ['a negative time', { nodes: [node(0, { time_ms: { gpu: -1 } })], edges: [] }, /negative/],
    ['no size', { nodes: [node(0, { output_bytes: undefined })], edges: [] }, /output_bytes/],
    ['an absurd size', { nodes: [node(0, { output_bytes: 1e300 })], edges: [] }, /absurdly/],
    ['a cycle', { edges: [[0, 1], [1, 2], [2, 0]] }, /cycle/], // prettier-ignore
    ['a self-loop', { edges: [[1, 1]] }, /itself/],
    ['a dangling edge', { edges: [[0, 7]] }, /does not exist/],
    ['an incomplete order', { order: [0, 1] }, /order/],
    ['an order that repeats', { order: [0, 1, 1] }, /second time/],
    ['an order against an edge', { order: [1, 0, 2] }, /before its input/],
    // Counted before they are read.
    ['too many edges', { edges: new Array<number>(2_000_001).fill(0) }, /limit/],
  ];
  it.each(broken)('refuses %s', (_, changes, message) => {
    expect(() => read(changes)).toThrowError(
      expect.objectContaining({ code: 'bad-instance', message: expect.stringMatching(message) as string }),
    );
  });

  it('refuses what is not JSON', () => {
    expect(() => readGraphInstance('{')).toThrowError(expect.objectContaining({ code: 'bad-instance' }));
  });
});
