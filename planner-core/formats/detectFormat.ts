import { HeadroomError } from '../base/errors';
import type { ByteSource } from '../bytes/byteSource';
import { WireReader, WireType } from '../bytes/wireReader';
import { foreignFormat, isExportArchive } from './foreignFormats';

/** The formats that can be opened. */
export type ModelFormat = 'onnx' | 'pt2';

/**
 * Tells the format of a file from its bytes; its name only helps to word an error. Fails with 'empty-file',
 * 'unsupported-format' for formats that are recognised but not read, 'not-a-model' for everything else, and
 * 'truncated-file' or 'malformed-file' for what begins as an ONNX model but does not go on as one.
 */
export function detectFormat(source: ByteSource, fileName: string): ModelFormat {
  if (source.size === 0) {
    throw new HeadroomError('empty-file', `${fileName} is empty.`, 'Export or download the model again.');
  }
  if (isExportArchive(source)) return 'pt2';
  const foreign = foreignFormat(source);
  if (foreign) {
    throw new HeadroomError(
      'unsupported-format',
      `${fileName} is not read: it is ${foreign.what}.`,
      foreign.hint,
    );
  }
  if (isOnnx(source)) return 'onnx';
  throw new HeadroomError(
    'not-a-model',
    `${fileName} is neither an ONNX model nor a torch.export archive.`,
    hintByName(fileName),
    {
      byteOffset: 0,
    },
  );
}

/** How ModelProto encodes its fields. Source: onnx.proto. */
const modelFields: Readonly<Record<number, number>> = {
  1: WireType.varint,
  2: WireType.bytes,
  3: WireType.bytes,
  4: WireType.bytes,
  5: WireType.varint,
  6: WireType.bytes,
  7: WireType.bytes,
  8: WireType.bytes,
  14: WireType.bytes,
  20: WireType.bytes,
  25: WireType.bytes,
  26: WireType.bytes,
};
const graphField = 7;

/** Is this a message with a graph in it, all of whose known fields are encoded as ModelProto's are? */
function isOnnx(source: ByteSource): boolean {
  const reader = WireReader.over(source);
  let known = 0;
  let hasGraph = false;
  try {
    while (reader.next()) {
      if (!Object.hasOwn(modelFields, reader.field)) continue;
      if (modelFields[reader.field] !== reader.wireType) return false;
      known++;
      if (reader.field === graphField) hasGraph = true;
    }
  } catch (error) {
    // Two fields that fit are no accident: the file is a damaged model. Otherwise it is something else.
    if (error instanceof HeadroomError && error.code !== 'file-access' && known < 2) return false;
    throw error;
  }
  return hasGraph;
}

const exportIt =
  'Export it with torch.export.save(torch.export.export(model, example_inputs), "model.pt2"), ' +
  'or torch.onnx.export(model, example_inputs, "model.onnx", dynamo=True).';

/** Formats without a mark of their own can only be guessed at by the name. */
function hintByName(fileName: string): string {
  const extension = fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase();
  switch (extension) {
    case 'pb':
      return 'If it is a TensorFlow graph, convert it with python -m tf2onnx.convert.';
    case 'mlmodel':
      return 'If it is a Core ML model, export the original model to ONNX instead.';
    case 'onnx':
    case 'pt2':
      return 'The download may be incomplete, or a placeholder instead of the file. If you made the file, export it again.';
    case 'pt':
    case 'pth':
    case 'bin':
      return `If it holds PyTorch weights, it has no graph. Load them into the model and go on from there. ${exportIt}`;
    default:
      return `Choose an ONNX or .pt2 file. A PyTorch model becomes one so: ${exportIt}`;
  }
}
