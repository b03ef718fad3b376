import { describe, expect, it } from 'vitest';
import { appendTo } from '../../../planner-core/base/groups';
import { uncontrolled } from '../../../planner-core/base/job';
import { directivesOf } from '../../../planner-core/plan/directives';
import type { Decision } from '../../../planner-core/plan/plan';
import { baselineNames, baselinePlan } from '../../../planner-core/planners/baselines/baselines';
import { decisionsOf } from '../../../planner-core/planners/decisionsOf';
import { PlanPools } from '../../../planner-core/planners/planPools';
import type { PlanningProblem } from '../../../planner-core/planners/problem';
import { Phase, type NodeId, type StepGraph } from '../../../planner-core/step/stepGraph';
import { layeredProblem } from '../support/layeredStep';
import { Random } from '../support/random';
import { randomProblem } from '../support/randomProblem';

type Pair = readonly [before: NodeId, node: NodeId];

const pairsOf = (recomputations: Int32Array): Pair[] =>
  Array.from({ length: recomputations.length / 2 }, (_, i) => [
    recomputations[2 * i],
    recomputations[2 * i + 1],
  ]);

/** Nodes of a phase that `isWanted`. */
const nodesOf = (step: StepGraph, phase: Phase, isWanted: (node: NodeId) => boolean): NodeId[] =>
  Array.from({ length: step.nodeCount }, (_, node) => node).filter(
    (node) => step.nodePhase[node] === phase && isWanted(node),
  );

/** Does `reader` read or update something `node` makes that does not outlive the step anyway? */
function reads(step: StepGraph, reader: NodeId, node: NodeId): boolean {
  const made = step.outputs.items.subarray(step.outputs.offsets[node], step.outputs.offsets[node + 1]);
  return [step.inputs, step.updates].some(({ offsets, items }) =>
    items
      .subarray(offsets[reader], offsets[reader + 1])
      .some((value) => made.includes(value) && !step.residentAtEnd[value]),
  );
}

/** Steps with modules, some of whose operators draw random numbers. */
function problemOf(seed: number): PlanningProblem {
  const problem = randomProblem(seed, { forwardNodes: 12, modules: 4 });
  const random = new Random(seed);
  for (const node of nodesOf(problem.step, Phase.forward, () => random.chance(0.3)))
    problem.step.drawsRandom[node] = 1;
  return problem;
}

/** All plans for all budgets, and the rules. */
async function plansOf(
  problem: PlanningProblem,
  strategy: 'module-checkpoint' | 'selective',
): Promise<Int32Array[]> {
  const pools = new PlanPools(problem);
  const pool = await pools.of(strategy, uncontrolled);
  const rules = baselineNames.flatMap((name) => baselinePlan(pools.context, name, strategy) ?? []);
  return [...pool.all, ...rules.map(({ directives }) => directives)].map(
    ({ recomputations }) => recomputations,
  );
}

describe('plans of module checkpoints', () => {
  it('run whole modules again, none inside another, up to what backward reads, just before it does', async () => {
    let checked = 0;
    for (let seed = 0; seed < 15; seed++) {
      const problem = problemOf(seed);
      const { step, layers } = problem;
      const parentOf = (id: number): number => layers.layers[id].parent;
      const isWithin = (id: number, module: number): boolean =>
        id === module || (id !== 0 && isWithin(parentOf(id), module));
      for (const recomputations of await plansOf(problem, 'module-checkpoint')) {
        const decisions = decisionsOf(step, layers, recomputations, 'module-checkpoint');
        const modules = decisions.map(({ target, kind }) => {
          expect(kind).toBe('module');
          return layers.layerByName.get(target)!.id;
        });
        for (const one of modules)
          for (const other of modules) if (one !== other) expect(isWithin(one, other)).toBe(false);
        const expected = modules.flatMap((module): Pair[] => {
          const isInside = (node: NodeId): boolean => isWithin(step.nodeModule[node], module);
          const backward = nodesOf(step, Phase.backward, isInside);
          const forward = nodesOf(step, Phase.forward, isInside);
          const needed = forward.filter((node) => backward.some((reader) => reads(step, reader, node)));
          const before = Math.min(
            ...backward.filter((reader) => needed.some((node) => reads(step, reader, node))),
          );
          return forward.filter((node) => node <= Math.max(...needed)).map((node) => [before, node]);
        });
        expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(pairsOf(recomputations), `seed ${seed}`).toEqual(expected);
        checked += expected.length;
      }
    }
    expect(checked).toBeGreaterThan(60);
  });
});

describe('plans that recompute selected operators', () => {
  it('run those of a region once, together, before its backward first reads one, and only needed ones', async () => {
    let checked = 0;
    let random = 0;
    for (let seed = 0; seed < 15; seed++) {
      const problem = problemOf(seed);
      const { step, layers } = problem;
      for (const recomputations of await plansOf(problem, 'selective')) {
        const byRegion = new Map<number, Pair[]>();
        for (const pair of pairsOf(recomputations)) {
          const region = layers.regionOfNode[pair[1]];
          expect(region).toBeGreaterThanOrEqual(0);
          appendTo(byRegion, region, pair);
        }
        for (const [region, pairs] of byRegion) {
          const again = pairs.map(([, node]) => node);
          const isInside = (node: NodeId): boolean => layers.regionOfNode[node] === region;
          const backward = nodesOf(step, Phase.backward, isInside);
          const readers = backward.filter((reader) => again.some((node) => reads(step, reader, node)));
          expect(again).toEqual([...new Set(again)].sort((a, b) => a - b));
          expect(new Set(pairs.map(([before]) => before))).toEqual(new Set([Math.min(...readers)]));
          const isNeeded = (node: NodeId): boolean =>
            [...backward, ...again].some((reader) => reads(step, reader, node));
          for (const node of again) expect(isNeeded(node), `seed ${seed}`).toBe(true);
          // Generators are restored once: what draws random numbers runs again after all that drew before it.
          const drawing = nodesOf(
            step,
            Phase.forward,
            (node) => isInside(node) && step.drawsRandom[node] === 1,
          );
          const lastDrawn = Math.max(...drawing.filter((node) => again.includes(node)));
          for (const node of drawing.filter((earlier) => earlier < lastDrawn)) {
            random++;
            expect(again.includes(node) || !isNeeded(node)).toBe(true);
          }
          checked++;
        }
      }
    }
    expect(checked).toBeGreaterThan(60);
    expect(random).toBeGreaterThan(10);
  });

  it('tie what draws random numbers to a pin', () => {
    const { step, layers } = layeredProblem(2);
    for (const name of ['/layers.0/norm', '/layers.0/act', '/layers.1/linear', '/layers.1/act'])
      step.drawsRandom[step.nodeName.indexOf(name)] = 1;
    const again = (decisions: Decision[]): string[] =>
      pairsOf(directivesOf(step, layers, decisions, 'selective').recomputations).map(
        ([, node]) => step.nodeName[node],
      );
    const pin = (target: string, choice: 'keep' | 'recompute'): Decision => ({
      target,
      kind: 'operator',
      choice,
      pinned: true,
    });
    expect(again([pin('/layers.0/act', 'recompute')])).toEqual(['/layers.0/norm', '/layers.0/act']);
    expect(again([pin('/layers.1/linear', 'recompute')])).toEqual(['/layers.1/linear']);
    expect(again([pin('/layers.1/linear', 'recompute'), pin('/layers.1/act', 'keep')])).toEqual([
      '/layers.1/linear',
    ]);
    expect(again([pin('/layers.0/act', 'recompute'), pin('/layers.0/norm', 'keep')])).toEqual([]);
    expect(again([pin('/layers.0/linear', 'recompute')])).toEqual(['/layers.0/linear']);
  });
});
