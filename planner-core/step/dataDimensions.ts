import type { Diagnostic } from '../base/diagnostic';
import { symbolsOf } from '../graph/dim';
import type { ModelGraph } from '../graph/modelGraph';
import { dataDependentMark } from '../operators/dims';
import type { TensorFacts } from '../operators/rule';
import { freeDimensions } from './dimensions';

/** Names torch.export gives to what only the data tells. */
const unbacked = /^u\d+$/;

/**
 * Dimensions that depend on what is in the inputs, as of what NonZero finds: no size of an input tells them, a workload may. In the order
 * the tensors have them. `facts`: of the model with all dimensions open.
 */
export function dataDimensions(graph: ModelGraph, facts: readonly (TensorFacts | undefined)[]): string[] {
  const names = new Set<string>();
  for (const fact of facts) for (const dim of fact?.shape ?? []) symbolsOf(dim, names);
  for (const { name } of freeDimensions(graph)) names.delete(name);
  return [...names].filter((name) => unbacked.test(name) || name.includes(dataDependentMark));
}

/** Warns of sizes that only the data tells and no workload gives. `facts`: under the workload's sizes. */
export function unknownSizes(graph: ModelGraph, facts: readonly (TensorFacts | undefined)[]): Diagnostic[] {
  const names = dataDimensions(graph, facts);
  if (names.length === 0) return [];
  const [first] = names;
  return [
    {
      severity: 'warning',
      code: 'unknown-size',
      message:
        `What is in the inputs decides ${names.length === 1 ? `the size ${first}` : `the sizes ${listText(names)}`}: ` +
        `what such an operator makes is taken to be as large as what it reads. Give it a size (--dim ${first}=N) to know better.`,
    },
  ];
}

/** Names told before the rest are counted. */
const mostNamed = 3;

const listText = (names: readonly string[]): string =>
  names.length > mostNamed
    ? `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`
    : names.join(', ');
