import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { solveInstance, type InstanceAction } from '../../../../../planner-core/planners/solveInstance';
import { readGraphInstance } from '../../../../../planner-core/step/graphInstance';

interface HeteroFile {
  readonly devices: readonly { readonly id: string; readonly memory_bytes: number | null }[];
  readonly nodes: readonly { readonly time_ms: Record<string, number>; readonly output_bytes: number }[];
  readonly edges: readonly (readonly [number, number])[];
  readonly copy_cost: readonly { readonly edge: number; readonly cost: Record<string, number> }[];
  readonly reference?: readonly { readonly objective: number }[];
}

const MB = 1e6;
const directory = path.resolve(__dirname, '../../../../../../shared/data/instances/remat');

/** Two devices; the second node is quick on the second one only, the third on the first. */
const file = (changes: Partial<HeteroFile> = {}): HeteroFile => ({
  ...{ format: 'dnn-graph-instance/1', id: 'two', kind: 'remat-hetero' },
  devices: ['cpu', 'gpu'].map((id) => ({ id, kind: id, memory_bytes: 5 * MB })),
  nodes: [
    [1, 9, 2],
    [9, 1, 3],
    [1, 9, 1],
  ].map(([cpu, gpu, size], id) => ({ id, name: `n${id}`, time_ms: { cpu, gpu }, output_bytes: size * MB })),
  edges: [[0, 1], [1, 2]], // prettier-ignore
  copy_cost: [0, 1].map((edge) => ({ edge, cost: { 'cpu->gpu': 2, 'gpu->cpu': 3 } })),
  ...changes,
});
const read = (content: HeteroFile): ReturnType<typeof readGraphInstance> =>
  readGraphInstance(JSON.stringify(content));

/** Time and peak of an answer by the file alone, with each copy priced for the next reader on its device. */
function replay(content: HeteroFile, schedule: readonly InstanceAction[]): { time: number; peaks: number[] } {
  const ids = content.devices.map(({ id }) => id);
  const present = ids.map(() => new Set<number>());
  const peaks = ids.map(() => 0);
  let time = 0;
  schedule.forEach((action, at) => {
    const device = ids.indexOf(action.op === 'copy' ? action.to : (action.device ?? ids[0]));
    if (action.op === 'free') expect(present[device].delete(action.node)).toBe(true);
    else {
      present[device].add(action.node);
      const live = [...present[device]].reduce((sum, node) => sum + content.nodes[node].output_bytes, 0);
      peaks[device] = Math.max(peaks[device], live);
    }
    if (action.op === 'compute') {
      time += content.nodes[action.node].time_ms[ids[device]];
      for (const [from, to] of content.edges)
        if (to === action.node) expect(present[device].has(from), `${from} for ${to}`).toBe(true);
    }
    if (action.op === 'copy') {
      expect(present[ids.indexOf(action.from)].has(action.node)).toBe(true);
      const edge = content.edges.findIndex(([from, to]) => {
        const reader = schedule
          .slice(at)
          .find(
            (later) =>
              later.op === 'compute' &&
              later.device === action.to &&
              content.edges.some(([a, b]) => a === action.node && b === later.node),
          );
        return from === action.node && to === reader?.node;
      });
      const listed = content.copy_cost.find((entry) => entry.edge === edge);
      time += listed?.cost[`${action.from}->${action.to}`] ?? 0;
    }
  });
  return { time, peaks };
}

describe('solveInstance, placement and recomputation', () => {
  it('runs each node where it is best, copies counted', async () => {
    const solution = await solveInstance(read(file()), {});
    expect(solution).toMatchObject({ feasible: true, timeTotal: 8, gapPercent: 0, peakBytes: 5 * MB });
    expect(replay(file(), solution.schedule)).toEqual({ time: 8, peaks: [4 * MB, 5 * MB] });
    expect(solution.placement).toEqual(['cpu', 'gpu', 'cpu']);
  });

  it('keeps off a device where a node does not fit', async () => {
    const solution = await solveInstance(read(file()), { budgetBytes: 4.5 * MB });
    expect(solution.feasible).toBe(false);
    expect(solution.message).toMatch(/No device can hold node n1/);
    const small = file({
      devices: [5, 4.5].map((size, i) => ({ id: ['cpu', 'gpu'][i], memory_bytes: size * MB })),
    });
    expect(await solveInstance(read(small), {})).toMatchObject({
      feasible: true,
      timeTotal: 11,
      gapPercent: 0,
    });
  });

  it.skipIf(!existsSync(directory))(
    "finds and proves the optimum of XEngine's unit tests (skipped without ../shared)",
    async () => {
      const names = readdirSync(directory).filter((name) => name.startsWith('xengine-'));
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        const content = JSON.parse(readFileSync(path.join(directory, name), 'utf8')) as HeteroFile;
        const solution = await solveInstance(read(content), {});
        expect(solution.timeTotal, name).toBe(content.reference![0].objective);
        expect(solution, name).toMatchObject({ feasible: true, gapPercent: 0 });
        const { time, peaks } = replay(content, solution.schedule);
        expect(time, name).toBe(solution.timeTotal);
        expect(Math.max(...peaks), name).toBe(solution.peakBytes);
        peaks.forEach((bytes, i) => expect(bytes).toBeLessThanOrEqual(content.devices[i].memory_bytes!));
      }
    },
  );
});
