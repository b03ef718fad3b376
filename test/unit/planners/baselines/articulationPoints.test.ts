import { describe, expect, it } from 'vitest';
import {
  articulationPoints,
  forwardNodes,
} from '../../../../planner-core/planners/baselines/articulationPoints';
import { everySquareRoot } from '../../../../planner-core/planners/baselines/chenSquareRoot';
import { greedySegments } from '../../../../planner-core/planners/baselines/chenGreedy';
import { Phase, type StepGraph } from '../../../../planner-core/step/stepGraph';
import { layeredStep } from '../../support/layeredStep';
import { randomStep } from '../../support/randomStep';

/** By definition: take a node out and count the pieces. */
function pointsByDefinition(step: StepGraph): number[] {
  const forward = forwardNodes(step);
  const ends = [-1, -2];
  const edges: [number, number][] = [
    [-1, forward[0]],
    [forward[forward.length - 1], -2],
  ];
  for (const node of forward)
    for (const rows of [step.inputs, step.updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
        const producer = step.producer[rows.items[i]];
        if (producer >= 0 && producer !== node && step.nodePhase[producer] === Phase.forward)
          edges.push([producer, node]);
      }
  const pieces = (without?: number): number => {
    const group = new Map<number, number>();
    for (const vertex of [...forward, ...ends]) if (vertex !== without) group.set(vertex, vertex);
    const find = (vertex: number): number => {
      let root = vertex;
      while (group.get(root) !== root) root = group.get(root)!;
      return root;
    };
    for (const [a, b] of edges) if (a !== without && b !== without) group.set(find(a), find(b));
    return new Set([...group.keys()].map(find)).size;
  };
  return forward.filter((node) => pieces(node) > pieces());
}

describe('articulationPoints', () => {
  it('are the nodes without which the forward pass falls apart', () => {
    let found = 0;
    for (let seed = 0; seed < 100; seed++) {
      const step = randomStep(seed, { forwardNodes: 1 + (seed % 12) });
      const points = articulationPoints(step);
      expect(points, `seed ${seed}`).toEqual(pointsByDefinition(step));
      found += points.length;
    }
    expect(found).toBeGreaterThan(150);
  });

  it('are all of a chain, and do not exhaust the stack on a long one', () => {
    const step = layeredStep(5000);
    expect(articulationPoints(step)).toHaveLength(15_000);
  });
});

describe("Chen's rules", () => {
  it('keep each ⌊√n⌋-th candidate', () => {
    expect(everySquareRoot(Array.from({ length: 11 }, (_, i) => 10 * i))).toEqual([20, 50, 80]);
    expect(everySquareRoot([])).toEqual([]);
    expect(everySquareRoot([4])).toEqual([4]);
  });

  it('cut greedily where the sum of results exceeds the segment size', () => {
    const step = layeredStep(3);
    // Nine results of 100 bytes: more than 250 has gathered at every third.
    expect(greedySegments(step, forwardNodes(step), 250)).toEqual([2, 5, 8]);
    expect(greedySegments(step, [1, 6], 250)).toEqual([6]);
    expect(greedySegments(step, forwardNodes(step), 1e9)).toEqual([]);
  });
});
