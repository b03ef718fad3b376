import { Phase, type StepGraph } from '../step/stepGraph';

/** What to do where no plan fits, by the computation that needs the most: what optimizers need is the same for any batch. */
export function infeasibleHint(
  { nodeName, nodePhase }: Pick<StepGraph, 'nodeName' | 'nodePhase'>,
  node: string,
): string {
  return nodePhase[nodeName.indexOf(node)] === Phase.optimizer
    ? 'Raise the budget, freeze modules (--freeze) or take an optimizer with less state (--optimizer): a smaller batch does not help.'
    : 'Raise the budget or reduce the batch.';
}
