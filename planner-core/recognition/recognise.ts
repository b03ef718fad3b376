import type { ModelGraph, Tensor } from '../graph/modelGraph';
import type { TensorTable } from '../operators/inferTensors';
import type { TensorFacts } from '../operators/rule';
import { isDataFree } from './dataFree';
import { GraphIndex } from './graphIndex';
import type { PatternContext } from './pattern';
import { rounds } from './patterns';
import { recogniseRound } from './recogniseRound';
import { isVisibleMask } from './visibleMask';
import { restorationsAfter, restorationsBefore } from './restorations';
import { withoutUnread } from './withoutUnread';

/** One place of a model that is read as the PyTorch call it was exported from. */
export interface Recognition {
  readonly pattern: string;
  readonly readAs: string;
  /** Name of the operator it has become, which is that of its last piece. */
  readonly operator: string;
  /** Names of the pieces in the file. */
  readonly pieces: readonly string[];
  /** Whether the exporter says so, or only the structure. */
  readonly by: 'metadata' | 'structure';
}

export interface RecognisedGraph {
  readonly graph: ModelGraph;
  readonly recognitions: readonly Recognition[];
}

/**
 * Reads the pieces an exporter has taken PyTorch calls apart into as those calls again, since what autograd keeps
 * depends on the call. `asExported` names patterns, or operators, to leave as they are.
 */
export function recognise(
  graph: ModelGraph,
  facts: TensorTable['facts'],
  asExported: readonly string[],
): RecognisedGraph {
  const off = new Set(asExported);
  const steps = [
    ...restorationsBefore.map((restore) => (context: PatternContext) => restore(context, off)),
    ...rounds.map((patterns) => (context: PatternContext) => recogniseRound(context, patterns, off)),
    ...restorationsAfter.map((restore) => (context: PatternContext) => restore(context, off)),
  ];
  const recognitions: Recognition[] = [];
  let index = new GraphIndex(graph);
  for (const step of steps) {
    const found = step(contextOf(index, facts));
    if (found.recognitions.length === 0) continue;
    for (const recognition of found.recognitions) recognitions.push(recognition);
    index = new GraphIndex(withoutUnread(found.graph, index));
  }
  return { graph: index.graph, recognitions };
}

function contextOf(index: GraphIndex, facts: TensorTable['facts']): PatternContext {
  return {
    graph: index.graph,
    index,
    factsOf: (tensor) => facts[tensor] ?? storedFacts(index.graph.tensors[tensor]),
    producerOf: (tensor) => index.graph.operators[index.producerOf(tensor)],
    isDataFree: (tensor) => isDataFree(index, tensor),
    isVisibleMask: (tensor) => isVisibleMask(index, tensor),
  };
}

/** A tensor that a restoration added; none for an input that an operator does not have. */
const storedFacts = (tensor: Tensor | undefined): TensorFacts | undefined =>
  tensor?.dtype && { dtype: tensor.dtype, shape: tensor.shape };
