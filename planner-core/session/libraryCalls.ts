import { blasHandleBytes, type GpuArchitecture } from '../devices/architecture';
import type { ModelGraph } from '../graph/modelGraph';
import type { LibraryWorkspace } from '../simulator/allocator/replayAllocator';
import type { BuiltStep } from '../step/buildStep';
import { keepsCublasWorkspace, type AllocatorSettings } from './allocatorSettings';
import type { StepState } from './stepState';

/** Operators whose products cuDNN computes. */
const isCudnn = (type: string): boolean => /Conv|^(LSTM|GRU|RNN)$/.test(type);

/** Does cuDNN compute any part of the model? */
export const usesCudnn = (graph: ModelGraph): boolean => graph.operators.some(({ type }) => isCudnn(type));

/** The cuBLAS workspaces of a step; undefined where they are left out. */
export function libraryWorkspaceOf(
  { graph, built }: StepState,
  architectures: readonly (GpuArchitecture | undefined)[],
  settings: AllocatorSettings,
): LibraryWorkspace | undefined {
  const persistent = keepsCublasWorkspace(settings, graph.producer);
  if (persistent === undefined) return undefined;
  return {
    callers: cublasCallers(graph, built),
    handleBytes: architectures.map((known) => (known ? blasHandleBytes(known) : 0)),
    persistent,
  };
}

/** By node: 1 where the operator (or its backward) multiplies matrices by cuBLAS. */
function cublasCallers(graph: ModelGraph, { step, records }: BuiltStep): Uint8Array {
  const multiplies = new Uint8Array(graph.operators.length);
  for (const { operator, macs } of records) {
    if (macs > 0 && !isCudnn(graph.operators[operator].type)) multiplies[operator] = 1;
  }
  return Uint8Array.from(step.nodeOperator, (operator) => (operator < 0 ? 0 : multiplies[operator]));
}
