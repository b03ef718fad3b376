import type { ModelGraph, Operator, Subgraph } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import type { Restoration } from './restoration';

const name = 'decided-branches';

/**
 * Tracing writes squeeze of an axis whose size it has not followed as a choice between squeezing and not. Where shapes
 * decide the condition, the program ran one of the branches, whose operators stand where the choice was.
 */
export const restoreDecidedBranches: Restoration = ({ graph, factsOf }, off) => {
  const recognitions: Recognition[] = [];
  if (off.has(name)) return { graph, recognitions };
  const operators = graph.operators.flatMap((operator) => {
    const branch = off.has(operator.name) ? undefined : takenBranch(operator, factsOf);
    if (!branch || branch.operators.some(hasBody)) return [operator];
    recognitions.push({
      pattern: name,
      readAs: 'the branch that shapes decide',
      operator: operator.name,
      pieces: [operator.name],
      by: 'structure',
    });
    return [...inlined(branch, operator)];
  });
  return { graph: { ...graph, operators } satisfies ModelGraph, recognitions };
};

function takenBranch(
  { type, domain, inputs, attributes }: Operator,
  factsOf: Parameters<Restoration>[0]['factsOf'],
): Subgraph | undefined {
  if (type !== 'If' || domain !== '') return undefined;
  const condition = factsOf(inputs[0])?.elements;
  if (condition?.length !== 1 || typeof condition[0] !== 'number') return undefined;
  const branch = attributes.get(condition[0] === 0 ? 'else_branch' : 'then_branch');
  return branch?.kind === 'graph' ? branch.value : undefined;
}

const hasBody = ({ attributes }: Operator): boolean =>
  [...attributes.values()].some(({ kind }) => kind === 'graph');

/** The operators of a branch in the module of the choice, and its results under the names of the choice's. */
const inlined = (branch: Subgraph, choice: Operator): Operator[] => [
  ...branch.operators.map((operator) => ({ ...operator, module: choice.module })),
  ...choice.outputs.map((output, position): Operator => ({
    ...choice,
    name: `${choice.name} result ${position}`,
    type: 'Identity',
    inputs: [branch.outputs[position]],
    outputs: [output],
    attributes: new Map(),
  })),
];
