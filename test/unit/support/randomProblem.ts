import type { ModuleNode } from '../../../planner-core/graph/modelGraph';
import { layerIndexOf } from '../../../planner-core/plan/layerIndex';
import type { Decision } from '../../../planner-core/plan/plan';
import type { PlanningProblem } from '../../../planner-core/planners/problem';
import { randomStep, type RandomStepOptions } from './randomStep';

/** Modules 1..count for a random step's nodes: every second one lies inside the one before it. */
export function nestedModules(count: number): ModuleNode[] {
  const modules: ModuleNode[] = [{ id: 0, name: '', parent: 0, children: [] }];
  for (let id = 1; id <= count; id++) {
    const isInner = id % 2 === 0;
    const parent = isInner ? id - 1 : 0;
    modules.push({ id, name: isInner ? `m${id - 1}.inner` : `m${id}`, parent, children: [] });
    modules[parent].children.push(id);
  }
  return modules;
}

/** A random step with a module tree, ready to plan. */
export function randomProblem(
  seed: number,
  options: RandomStepOptions,
  pins: readonly Decision[] = [],
): PlanningProblem {
  const step = randomStep(seed, { ...options, modules: options.modules ?? 4 });
  return { step, layers: layerIndexOf(nestedModules(options.modules ?? 4), step), pins };
}
