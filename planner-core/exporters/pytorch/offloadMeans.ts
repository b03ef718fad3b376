import type { Decision, Strategy } from '../../plan/plan';
import { decisionsOf } from '../../planners/decisionsOf';
import type { OffloadMeans } from '../../planners/problem';
import { ValueKind } from '../../step/stepGraph';
import { CallNames } from './callNames';
import { carriedOffloads, statesOf, type CarriedRecomputation } from './carriedOffloads';
import { insideOf, type PlannedModel } from './carriedPlan';
import { returnMoments } from './fetchMoments';

/**
 * What PyTorch's hooks on saved tensors can do, for planners: a plan made with these means is the one that its Python file applies.
 * Undefined for schedules, which are the optimum that no framework has to be able to run.
 */
export function offloadMeans(model: PlannedModel, strategy: Strategy): OffloadMeans | undefined {
  if (strategy === 'schedule') return undefined;
  const { graph, step } = model;
  const names = new CallNames(graph, step);
  const all = Array.from({ length: step.valueCount }, (_, value) => value);
  const states = statesOf(graph, step, all);
  const againOf = (recomputations: Int32Array): CarriedRecomputation => ({
    recomputations,
    isInside: insideOf(model, checkpointedModules(model, recomputations, strategy)),
  });
  return {
    mayLeave: (value) =>
      states.has(value) ||
      (step.valueKind[value] === ValueKind.activation && names.result(value) !== undefined),
    returnMoments: (recomputations) => returnMoments(graph, names, againOf(recomputations)),
    carried: (recomputations, paging) =>
      carriedOffloads(graph, names, paging, againOf(recomputations)).paging,
  };
}

/** Names of the modules that recomputations put a checkpoint around: wholes, and regions with operators to repeat. */
function checkpointedModules(
  { step, layers }: PlannedModel,
  recomputations: Int32Array,
  strategy: Strategy,
): Set<string> {
  const decisions = decisionsOf(step, layers, recomputations, strategy);
  const named = (kind: Decision['kind']): Set<string> =>
    new Set(decisions.filter((decision) => decision.kind === kind).map(({ target }) => target));
  const modules = named('module');
  const operators = named('operator');
  for (let i = 1; i < recomputations.length; i += 2) {
    const node = recomputations[i];
    const region = layers.layers[layers.regionOfNode[node]];
    if (region && (strategy === 'selective' || operators.has(step.nodeName[node]))) modules.add(region.name);
  }
  return modules;
}
