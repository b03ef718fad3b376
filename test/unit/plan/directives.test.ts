import { describe, expect, it } from 'vitest';
import { appendTo } from '../../../planner-core/base/groups';
import { directivesOf } from '../../../planner-core/plan/directives';
import type { Decision, Strategy } from '../../../planner-core/plan/plan';
import { nearestNames } from '../../../planner-core/base/nearestNames';
import { decisionsOf } from '../../../planner-core/planners/decisionsOf';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { Phase } from '../../../planner-core/step/stepGraph';
import { layeredProblem } from '../support/layeredStep';
import { Random } from '../support/random';
import { randomProblem } from '../support/randomProblem';

const { step, layers } = layeredProblem(3, [], 2);
const module = (target: string, rest: Partial<Decision> = { choice: 'recompute' }): Decision => ({
  target,
  kind: 'module',
  ...rest,
});
const operator = (target: string, rest: Partial<Decision> = { choice: 'recompute' }): Decision => ({
  target,
  kind: 'operator',
  ...rest,
});
/** "before <- operators that run again", by name. */
function recomputed(decisions: Decision[], strategy: Strategy): string[] {
  const { recomputations } = directivesOf(step, layers, decisions, strategy);
  const rows = new Map<string, string[]>();
  for (let i = 0; i < recomputations.length; i += 2) {
    const before = step.nodeName[recomputations[i]];
    appendTo(rows, before, step.nodeName[recomputations[i + 1]]);
  }
  return [...rows].map(([before, nodes]) => `${before} <- ${nodes.join(' ')}`);
}
const whole = (block: number): string =>
  `/layers.${block}/act backward <- /layers.${block}/linear /layers.${block}/norm /layers.${block}/act`;

describe('directivesOf', () => {
  it('changes nothing without decisions', () => {
    const { recomputations, offloads, placement } = directivesOf(step, layers, [], 'module-checkpoint');
    expect([recomputations.length, offloads.length, placement]).toEqual([0, 0, undefined]);
  });

  it('wraps modules as a whole, in the order backward reaches them', () => {
    expect(recomputed([module('layers.0'), module('layers.2')], 'module-checkpoint')).toEqual([
      whole(2),
      whole(0),
    ]);
  });

  it('wraps the largest modules that can be: the outer one hides the inner one', () => {
    expect(recomputed([module('layers.1'), module('layers.1.act')], 'module-checkpoint')).toEqual([whole(1)]);
    expect(recomputed([module('')], 'module-checkpoint')).toEqual([
      `/layers.2/act backward <- ${[0, 1, 2]
        .flatMap((block) => ['linear', 'norm', 'act'].map((name) => `/layers.${block}/${name}`))
        .join(' ')}`,
    ]);
  });

  it('lets the most specific decision win: a kept part splits the checkpoint around it', () => {
    expect(
      recomputed([module('layers'), module('layers.1', { choice: 'keep' })], 'module-checkpoint'),
    ).toEqual([whole(2), whole(0)]);
  });

  it('lets pins win over what planners chose, however specific', () => {
    const pin = module('layers', { choice: 'keep', pinned: true });
    expect(recomputed([pin, module('layers.1'), operator('/layers.0/act')], 'module-checkpoint')).toEqual([]);
  });

  it('recomputes single operators with the recomputed ones they need, in their region', () => {
    expect(recomputed([operator('/layers.1/act')], 'selective')).toEqual([
      '/layers.1/act backward <- /layers.1/act',
    ]);
    expect(recomputed([operator('/layers.1/act'), operator('/layers.1/norm')], 'selective')).toEqual([
      '/layers.1/act backward <- /layers.1/norm /layers.1/act',
    ]);
    // Backward never reads what only the norm makes.
    expect(recomputed([operator('/layers.1/norm')], 'selective')).toEqual([]);
  });

  it('means the same by a module and by all its operators in a selective plan', () => {
    const operators = ['linear', 'norm', 'act'].map((name) => operator(`/layers.1/${name}`));
    expect(recomputed([module('layers.1')], 'selective')).toEqual(recomputed(operators, 'selective'));
  });

  it('takes the recomputations of a schedule as they are', () => {
    const pairs = Int32Array.from([12, 0]);
    expect(directivesOf(step, layers, [module('layers.1')], 'schedule', pairs).recomputations).toBe(pairs);
  });

  it('places a module with its backward, and nothing else', () => {
    const { placement } = directivesOf(step, layers, [module('layers.1', { device: 'gpu1' })], 'schedule');
    const there = [...placement!].flatMap((device, node) => (device === 1 ? [step.nodeName[node]] : []));
    expect(there.filter((name) => name.startsWith('/layers.1/'))).toHaveLength(6);
    expect(there).toHaveLength(6);
    expect(step.nodePhase[step.nodeName.indexOf('loss')]).toBe(Phase.loss);
  });

  it('offloads what backward reads of an operator, and the result is a valid schedule', () => {
    const directives = directivesOf(step, layers, [module('layers.0', { choice: 'offload' })], 'schedule');
    const names = [...directives.offloads].map((value) => step.valueName[value]);
    expect(names).toEqual(['layers.0.linear/out', 'layers.0.act/out']);
    expect(simulate(step, compileSchedule(step, directives)).transferBytes).toBe(400);
  });

  it('names the nearest modules when there is none of that name', () => {
    expect(() => directivesOf(step, layers, [module('layer.1')], 'selective')).toThrowError(
      expect.objectContaining({
        code: 'unknown-module',
        hint: expect.stringContaining('"layers.1"') as string,
      }),
    );
    expect(() => directivesOf(step, layers, [operator('/layers.1/activation')], 'selective')).toThrowError(
      expect.objectContaining({
        code: 'unknown-module',
        hint: expect.stringContaining('/layers.1/act') as string,
      }),
    );
    expect(nearestNames('zzzzzz', ['abc'])).toEqual([]);
  });

  it('knows its devices', () => {
    expect(() =>
      directivesOf(step, layers, [module('layers.1', { device: 'tpu' })], 'selective'),
    ).toThrowError(expect.objectContaining({ code: 'unknown-device' }));
  });
});

describe('decisionsOf', () => {
  it.each<Strategy>(['module-checkpoint', 'selective'])(
    'gives decisions that mean the same: %s',
    (strategy) => {
      for (let seed = 0; seed < 300; seed++) {
        const problem = randomProblem(seed, { forwardNodes: 12, modules: 6 });
        const random = new Random(seed);
        const decisions = random.some(problem.layers.layers.slice(1), 0.4).map((layer) => module(layer.name));
        const { recomputations } = directivesOf(problem.step, problem.layers, decisions, strategy);
        const back = decisionsOf(problem.step, problem.layers, recomputations, strategy);
        const again = directivesOf(problem.step, problem.layers, back, strategy).recomputations;
        expect([...again], `seed ${seed}`).toEqual([...recomputations]);
      }
    },
  );
});
