import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { inferTensors } from '../../../planner-core/operators/inferTensors';
import { recognise, type RecognisedGraph } from '../../../planner-core/recognition/recognise';

export const read = (graph: ModelGraph, asExported: readonly string[] = []): RecognisedGraph =>
  recognise(graph, inferTensors(graph, {}).facts, asExported);

/** Types of the operators left, "domain::Type" outside ai.onnx. */
export const typesOf = ({ graph }: RecognisedGraph): string[] =>
  graph.operators.map(({ domain, type }) => (domain === '' ? type : `${domain}::${type}`));

/** Names of what the operator of a type reads. */
export const inputsOf = ({ graph }: RecognisedGraph, type: string): (string | undefined)[] =>
  graph.operators.find((operator) => operator.type === type)!.inputs.map((id) => graph.tensors[id]?.name);

export const patternsOf = ({ recognitions }: RecognisedGraph): string[] =>
  recognitions.map(({ pattern }) => pattern);
