import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { bytesField, concat, headerField, numberField, textField } from './protobuf';

// Field numbers of onnx.proto.
const model = { irVersion: 1, graph: 7, opsetImport: 8 };
const graph = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };
const tensor = { dims: 1, dataType: 2, name: 8, rawData: 9 };
const float32 = 1;

/** A chain of square matrix products whose weights are holes in the file: its size costs no disk. */
export interface ChainModel {
  readonly layers: number;
  readonly width: number;
}

/**
 * Writes the model with the weights first, so that a reader has to get past all of them to see the operators.
 * Returns the size of the file in bytes.
 */
export function writeChainModel(file: string, { layers, width }: ChainModel): number {
  const payloadBytes = width * width * 4;
  const weights = Array.from({ length: layers }, (_, layer) => weightHeader(`layer${layer}.weight`, width));
  const rest = concat(
    ...Array.from({ length: layers }, (_, layer) => product(layer)),
    boundary(layers, width),
  );
  const graphBytes = weights.reduce((sum, header) => sum + header.length + payloadBytes, rest.length);
  const opening = concat(
    numberField(model.irVersion, 8),
    bytesField(model.opsetImport, concat(textField(1, ''), numberField(2, 17))),
    headerField(model.graph, graphBytes),
  );

  const descriptor = openSync(file, 'w');
  try {
    let at = writeSync(descriptor, opening, 0, opening.length, 0);
    for (const header of weights) at += writeSync(descriptor, header, 0, header.length, at) + payloadBytes;
    at += writeSync(descriptor, rest, 0, rest.length, at);
    ftruncateSync(descriptor, at);
    return at;
  } finally {
    closeSync(descriptor);
  }
}

/** Everything of an initializer up to its payload. */
function weightHeader(name: string, width: number): Uint8Array {
  const payloadBytes = width * width * 4;
  const fields = concat(
    numberField(tensor.dims, width),
    numberField(tensor.dims, width),
    numberField(tensor.dataType, float32),
    textField(tensor.name, name),
    headerField(tensor.rawData, payloadBytes),
  );
  return concat(headerField(graph.initializer, fields.length + payloadBytes), fields);
}

function product(layer: number): Uint8Array {
  const node = concat(
    textField(1, `hidden${layer}`),
    textField(1, `layer${layer}.weight`),
    textField(2, `hidden${layer + 1}`),
    textField(3, `layer${layer}`),
    textField(4, 'MatMul'),
  );
  return bytesField(graph.node, node);
}

function boundary(layers: number, width: number): Uint8Array {
  return concat(
    textField(graph.name, 'chain'),
    bytesField(graph.input, valueInfo('hidden0', 16, width)),
    bytesField(graph.output, valueInfo(`hidden${layers}`, 16, width)),
  );
}

function valueInfo(name: string, rows: number, columns: number): Uint8Array {
  const dimension = (size: number): Uint8Array => bytesField(1, numberField(1, size));
  const shape = concat(dimension(rows), dimension(columns));
  const tensorType = concat(numberField(1, float32), bytesField(2, shape));
  return concat(textField(1, name), bytesField(2, bytesField(1, tensorType)));
}
