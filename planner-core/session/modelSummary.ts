import { dimText } from '../graph/dim';
import { bytesOf } from '../graph/dtype';
import { fingerprint } from '../graph/fingerprint';
import type { ModelGraph, TensorId } from '../graph/modelGraph';
import type { TensorTable } from '../operators/inferTensors';
import { freeDimensions } from '../step/dimensions';
import { tensorRoles } from '../step/roles';
import type { ModelSummary, TensorSummary } from './types';
import { weightTypeOf } from './weightType';

/** What `inspect` prints and the editor shows before a workload is chosen. */
export function modelSummary(graph: ModelGraph, table: TensorTable, file: string): ModelSummary {
  const roles = tensorRoles(graph, table.facts);
  let parameterCount = 0;
  let parameterBytes = 0;
  for (const { id } of graph.tensors) {
    const { shape, dtype } = table.facts[id] ?? {};
    if (roles[id] !== 'parameter' || !shape || !dtype) continue;
    const elements = shape.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 0), 1);
    parameterCount += elements;
    parameterBytes += bytesOf(dtype, elements);
  }
  const summaryOf = (id: TensorId): TensorSummary => tensorSummary(graph, table, id);
  return {
    file,
    format: graph.format,
    producer: graph.producer,
    opset: graph.opsets.get(graph.isTraced ? 'aten' : '') ?? 0,
    inputs: graph.inputs.map(summaryOf),
    outputs: graph.outputs.map(summaryOf),
    operatorCount: graph.operators.length,
    parameterCount,
    parameterBytes,
    weightType: weightTypeOf(graph, roles),
    autocast: graph.autocast,
    dims: freeDimensions(graph),
    unprofiledOperators: table.unprofiledOperators,
    diagnostics: [...graph.diagnostics, ...table.diagnostics],
    fingerprint: fingerprint(graph),
  };
}

export function tensorSummary(graph: ModelGraph, table: TensorTable, id: TensorId): TensorSummary {
  const facts = table.facts[id];
  return {
    name: graph.tensors[id].name,
    dtype: facts?.dtype ?? 'undefined',
    shape: facts?.shape?.map((dim) => (typeof dim === 'number' ? dim : dimText(dim))) ?? null,
  };
}
