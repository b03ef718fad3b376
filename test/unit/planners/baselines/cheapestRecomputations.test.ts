import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recomputableNodes } from '../../../../planner-core/plan/layerIndex';
import {
  cheapestRecomputations,
  RetentionBuilder,
} from '../../../../planner-core/planners/baselines/cheapestRecomputations';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { layeredStep } from '../../support/layeredStep';
import { Random } from '../../support/random';
import { randomStep } from '../../support/randomStep';

/** S[t][v]: held at the start of stage t. */
type Held = readonly (readonly boolean[])[];

const producersRead = (step: StepGraph, node: number): number[] => {
  const found = new Set<number>();
  for (const rows of [step.inputs, step.updates])
    for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
      const value = rows.items[i];
      if (step.producer[value] >= 0 && !step.residentAtEnd[value]) found.add(step.producer[value]);
    }
  found.delete(node);
  return [...found];
};

/** All ways to run a stage by Checkmate's constraints; the least time among them. */
function leastStageMs(step: StepGraph, held: Held, stage: number): number {
  let least = Infinity;
  for (let choice = 0; choice < 2 ** stage; choice++) {
    const runs = (node: number): boolean => node === stage || (node < stage && ((choice >> node) & 1) === 1);
    const has = (node: number): boolean => runs(node) || held[stage][node];
    let ms = 0;
    let isValid = true;
    for (let node = 0; node <= stage && isValid; node++) {
      if (held[stage + 1]?.[node] && !has(node)) isValid = false;
      if (!runs(node)) continue;
      if (node < stage) ms += step.durationMs[node];
      if (producersRead(step, node).some((other) => other < stage && !has(other))) isValid = false;
    }
    if (isValid) least = Math.min(least, ms);
  }
  return least;
}

describe('cheapestRecomputations', () => {
  it('costs what the best of all choices costs, whatever is held', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const step = randomStep(seed, { forwardNodes: 1 + (seed % 4) });
        const { nodeCount } = step;
        if (nodeCount > 11) return;
        const recomputable = recomputableNodes(step);
        const random = new Random(seed);
        const retention = new RetentionBuilder();
        const held = Array.from({ length: nodeCount }, () => new Array<boolean>(nodeCount).fill(false));
        for (let node = 0; node < nodeCount; node++) {
          if (!recomputable[node]) for (let t = node + 1; t < nodeCount; t++) held[t][node] = true;
          for (let i = random.int(0, 2); i > 0; i--) {
            const from = random.int(0, nodeCount - 1);
            const to = random.int(from, nodeCount - 1);
            retention.hold(node, from, to);
            for (let t = Math.max(from, node + 1); t <= to; t++) held[t][node] = true;
          }
        }
        const pairs = cheapestRecomputations(step, recomputable, retention)!;
        const addedMs = new Float64Array(nodeCount);
        for (let i = 0; i < pairs.length; i += 2) {
          expect(recomputable[pairs[i + 1]]).toBe(1);
          expect(pairs[i + 1]).toBeLessThan(pairs[i]);
          addedMs[pairs[i]] += step.durationMs[pairs[i + 1]];
        }
        for (let stage = 0; stage < nodeCount; stage++)
          expect(addedMs[stage], `stage ${stage}`).toBe(leastStageMs(step, held, stage));
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('repeats nothing when everything is held, and gives up at its limit', () => {
    const step = layeredStep(4);
    const all = new RetentionBuilder();
    for (let node = 0; node < step.nodeCount; node++) all.hold(node, node + 1, step.nodeCount);
    expect([...cheapestRecomputations(step, recomputableNodes(step), all)!]).toEqual([]);
    const nothing = new RetentionBuilder();
    expect(cheapestRecomputations(step, recomputableNodes(step), nothing, 10)).toBeUndefined();
    expect(cheapestRecomputations(step, recomputableNodes(step), nothing)!.length).toBeGreaterThan(20);
  });
});
