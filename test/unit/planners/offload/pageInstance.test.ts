import highsLoader from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../planner-core/base/errors';
import type { InstanceAction } from '../../../../planner-core/planners/solveInstance';
import { solveInstance } from '../../../../planner-core/planners/solveInstance';
import { HighsEngine } from '../../../../planner-core/solvers/highsEngine';
import { readGraphInstance } from '../../../../planner-core/step/graphInstance';
import { Random } from '../../support/random';

interface Tiny {
  readonly bytes: number[];
  readonly compute: number[];
  readonly pageIn: number[];
  readonly pageOut: number[];
  readonly reads: number[][];
}

function tinyInstance(seed: number): Tiny {
  const random = new Random(seed);
  const count = random.int(3, 6);
  const list = (low: number, high: number): number[] =>
    Array.from({ length: count }, () => random.int(low, high));
  const reads = Array.from({ length: count }, (_, node): number[] =>
    node === 0 ? [] : [...new Set([node - 1, ...(random.chance(0.6) ? [random.int(0, node - 1)] : [])])],
  );
  return { bytes: list(1, 5), compute: list(1, 9), pageIn: list(1, 4), pageOut: list(1, 4), reads };
}

function fileOf({ bytes, compute, pageIn, pageOut, reads }: Tiny): string {
  const on = (value: number): Record<string, number> => ({ d: value });
  return JSON.stringify({
    ...{ format: 'dnn-graph-instance/1', id: 'tiny', kind: 'remat-paging-energy' },
    devices: [{ id: 'd', kind: 'mcu', memory_bytes: null }],
    nodes: bytes.map((size, id) => ({
      ...{ id, name: `n${id}`, output_bytes: size, time_ms: on(compute[id]) },
      ...{ energy_j: on(compute[id]), pagein_j: on(pageIn[id]), pageout_j: on(pageOut[id]) },
    })),
    edges: reads.flatMap((from, to) => from.map((node) => [node, to])),
  });
}

/** The least energy of any plan that computes for the first time in order, by search over all states; Infinity: none. */
function leastEnergy({ bytes, compute, pageIn, pageOut, reads }: Tiny, budget: number): number {
  const count = bytes.length;
  const size = (mask: number): number =>
    bytes.reduce((sum, value, node) => sum + ((mask >> node) & 1 ? value : 0), 0);
  const cost = new Map<string, number>([['0 0 0', 0]]);
  const done = new Set<string>();
  for (;;) {
    let at: string | undefined;
    for (const [key, joules] of cost)
      if (!done.has(key) && (at === undefined || joules < cost.get(at)!)) at = key;
    if (at === undefined) return Infinity;
    done.add(at);
    const joules = cost.get(at)!;
    const [next, memory, storage] = at.split(' ').map(Number);
    if (next === count) return joules;
    const go = (to: number, ram: number, disk: number, more: number): void => {
      if (size(ram) > budget) return;
      const key = `${to} ${ram} ${disk}`;
      if (joules + more < (cost.get(key) ?? Infinity)) cost.set(key, joules + more);
    };
    for (let node = 0; node < count; node++) {
      const bit = 1 << node;
      if (node <= next && reads[node].every((read) => (memory >> read) & 1) && !(memory & bit))
        go(next + Number(node === next), memory | bit, storage, compute[node]);
      if (memory & bit) {
        go(next, memory & ~bit, storage, 0);
        if (!(storage & bit)) go(next, memory, storage | bit, pageOut[node]);
      } else if (storage & bit) go(next, memory | bit, storage, pageIn[node]);
    }
  }
}

/** What the actions take, restated with sets; throws where one cannot be done. */
function replay({ bytes, compute, pageIn, pageOut, reads }: Tiny, actions: readonly InstanceAction[]) {
  const memory = new Set<number>();
  const storage = new Set<number>();
  let joules = 0;
  let peak = 0;
  const computed: number[] = [];
  for (const action of actions) {
    const { node } = action;
    if (action.op === 'compute') {
      if (!reads[node].every((read) => memory.has(read))) throw new Error(`inputs of ${node}`);
      memory.add(node);
      joules += compute[node];
      if (!computed.includes(node)) computed.push(node);
    } else if (action.op === 'free') {
      if (!memory.delete(node)) throw new Error(`free of ${node}`);
    } else if (action.to === 'storage') {
      if (!memory.has(node)) throw new Error(`out of ${node}`);
      storage.add(node);
      joules += pageOut[node];
    } else {
      if (!storage.has(node)) throw new Error(`in of ${node}`);
      memory.add(node);
      joules += pageIn[node];
    }
    peak = Math.max(
      peak,
      [...memory].reduce((sum, held) => sum + bytes[held], 0),
    );
  }
  return { joules, peak, computed };
}

describe('pageInstance', () => {
  const engine = new HighsEngine(() => highsLoader());
  afterAll(() => engine.dispose());

  it('gives valid plans no dearer than its bound says, which all plans there are keep, and finds one where there is one', async () => {
    let ties = 0;
    let cases = 0;
    for (let seed = 0; seed < 60; seed++) {
      const tiny = tinyInstance(seed);
      const all = tiny.bytes.reduce((sum, bytes) => sum + bytes, 0);
      for (const budgetBytes of [0.5, 0.65, 0.8].map((share) => Math.round(share * all))) {
        const best = leastEnergy(tiny, budgetBytes);
        const request = { objective: 'energy', budgetBytes, runtimeRatio: 100 } as const;
        const answer = await solveInstance(readGraphInstance(fileOf(tiny)), request, engine);
        const where = `seed ${seed}, budget ${budgetBytes}`;
        expect(answer.feasible, where).toBe(best < Infinity);
        if (!answer.feasible) continue;
        const { joules, peak, computed } = replay(tiny, answer.schedule);
        expect({ joules, peak }, where).toEqual({ joules: answer.energy!.joules, peak: answer.peakBytes });
        expect(computed, where).toEqual(tiny.bytes.map((_, node) => node));
        expect(peak, where).toBeLessThanOrEqual(budgetBytes);
        expect(joules, where).toBeGreaterThanOrEqual(best);
        expect(answer.energy!.lowerBoundJoules, where).toBeLessThanOrEqual(best + 1e-6);
        cases++;
        ties += Number(joules === best);
      }
    }
    // Chains of recomputations are what it leaves out.
    expect(ties).toBeGreaterThan(0.95 * cases);
  });

  it('keeps the limit of computing time', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const tiny = tinyInstance(seed);
      const budgetBytes = Math.round(0.7 * tiny.bytes.reduce((sum, bytes) => sum + bytes, 0));
      const request = { objective: 'energy', budgetBytes, runtimeRatio: 1 } as const;
      const answer = await solveInstance(readGraphInstance(fileOf(tiny)), request, engine);
      const onceMs = tiny.compute.reduce((sum, ms) => sum + ms, 0);
      if (answer.feasible) expect(answer.timeTotal).toBe(onceMs);
    }
  });

  it('refuses a device the instance does not have, and instances without energies', async () => {
    const instance = readGraphInstance(fileOf(tinyInstance(1)));
    const request = { objective: 'energy', device: 'm9' } as const;
    await expect(solveInstance(instance, request, engine)).rejects.toThrow(HeadroomError);
    const bare = { ...instance, nodes: instance.nodes.map((node) => ({ ...node, energy: undefined })) };
    await expect(solveInstance(bare, { objective: 'energy' }, engine)).rejects.toThrow(/no energy/);
  });
});
