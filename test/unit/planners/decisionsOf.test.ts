import { expect, it } from 'vitest';
import { directivesOf } from '../../../planner-core/plan/directives';
import { strategies, type Decision } from '../../../planner-core/plan/plan';
import { decisionsOf, offloadDecisions } from '../../../planner-core/planners/decisionsOf';
import { mayLeave } from '../../../planner-core/planners/offload/mayLeave';
import { Random } from '../support/random';
import { randomProblem } from '../support/randomProblem';

it.each(strategies)('%s: words for what leaves change nothing about what runs again', (strategy) => {
  let inRecomputedModules = 0;
  let told = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { step, layers } = randomProblem(seed, { forwardNodes: 12, modules: 4 });
    const random = new Random(seed);
    const wanted = layers.layers
      .filter(({ id, checkpointable }) => id > 0 && checkpointable && random.int(0, 2) > 0)
      .map(({ name }): Decision => ({ target: name, kind: 'module', choice: 'recompute' }));
    const { recomputations } = directivesOf(step, layers, wanted, strategy);
    const again = new Set(recomputations.filter((_, i) => i % 2 === 1));
    const offloads = mayLeave(step).filter((value) => !again.has(step.producer[value]));
    const chosen = decisionsOf(step, layers, recomputations, strategy);
    const away = offloadDecisions(step, layers, chosen, offloads);
    const both = directivesOf(step, layers, [...chosen, ...away], strategy);
    expect([...both.recomputations], `seed ${seed}`).toEqual([...recomputations]);
    told += away.length;
    const names = new Set(chosen.map(({ target }) => target));
    inRecomputedModules += layers.layers
      .filter(({ name }) => names.has(name))
      .flatMap(({ forwardNodes }) => forwardNodes)
      .filter((node) => offloads.some((value) => step.producer[value] === node)).length;
  }
  expect(told).toBeGreaterThan(100);
  if (strategy === 'module-checkpoint') expect(inRecomputedModules).toBeGreaterThan(100);
});
