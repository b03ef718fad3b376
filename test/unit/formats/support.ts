import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HeadroomError } from '../../../planner-core/base/errors';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { openModel } from '../../../planner-core/formats/openModel';
import type { ModelGraph, Operator, Tensor } from '../../../planner-core/graph/modelGraph';
import { onnxFile, type ModelSpec } from '../../fixtures/onnx-builder/onnx';

const repository = resolve(import.meta.dirname, '../../..');
export const samples = join(repository, 'samples');
/** Measured models and conformance cases; not part of the repository. */
export const data = resolve(repository, '../shared/data');
export const hasData = existsSync(data);

export function openBytes(bytes: Uint8Array, fileName = 'model.onnx'): ModelGraph {
  return openModel(new MemoryByteSource(bytes), fileName);
}

export function openFileAt(path: string): ModelGraph {
  return openBytes(readFileSync(path), path);
}

/** Builds an ONNX file and opens it. */
export function open(spec: ModelSpec): ModelGraph {
  return openBytes(onnxFile(spec));
}

/** The HeadroomError that `run` throws; anything else fails the test. */
export function failure(run: () => unknown): HeadroomError {
  try {
    run();
  } catch (error) {
    if (error instanceof HeadroomError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

export function tensorNamed(graph: ModelGraph, name: string): Tensor {
  const found = graph.tensors.find((tensor) => tensor.name === name);
  if (!found) throw new Error(`no tensor ${name} among ${graph.tensors.map((tensor) => tensor.name).join()}`);
  return found;
}

export function operatorNamed(graph: ModelGraph, name: string): Operator {
  const found = graph.operators.find((operator) => operator.name === name);
  if (!found) throw new Error(`no operator ${name} among ${graph.operators.map((each) => each.name).join()}`);
  return found;
}

/** `name: Type(inputs) -> outputs` of every operator, with tensor names. */
export function listing(graph: ModelGraph, operators: readonly Operator[] = graph.operators): string[] {
  const names = (ids: readonly number[]): string =>
    ids.map((id) => (id < 0 ? '-' : graph.tensors[id].name)).join(', ');
  return operators.map(
    ({ name, type, inputs, outputs }) => `${name}: ${type}(${names(inputs)}) -> ${names(outputs)}`,
  );
}
