import { HeadroomError } from '../base/errors';
import type { ByteSource } from '../bytes/byteSource';
import { readZipDirectory } from '../bytes/zip/zipDirectory';

/** A format that is recognised but cannot be read. */
export interface ForeignFormat {
  /** Completes "model.pt is ...". */
  readonly what: string;
  /** How to come to a file that can be read. */
  readonly hint: string;
}

const exportOnnx = 'torch.onnx.export(model, example_inputs, "model.onnx", dynamo=True)';
const exportProgram = 'torch.export.save(torch.export.export(model, example_inputs), "model.pt2")';
const noGraph =
  `It holds weights without a graph: load them into the model in Python, then call ${exportProgram}, ` +
  `or ${exportOnnx}.`;

/** Bytes from the start that are looked at. */
const headLength = 4096;

/** Recognises what people open besides models that are read, by its first bytes; undefined for anything else. */
export function foreignFormat(source: ByteSource): ForeignFormat | undefined {
  const head = source.read(0, Math.min(headLength, source.size)).slice();
  const marked = marks.find(({ at, bytes }) => bytes.every((byte, i) => head[at + i] === byte));
  if (marked) return marked.format;
  if (startsWith(head, 'PK\x03\x04') || startsWith(head, 'PK\x05\x06')) return zipFormat(source);
  if (isPickle(head)) {
    return {
      what: 'a pickle, as torch.save writes it',
      hint: `Headroom never runs code from a file, so it does not open pickles. Load it in Python and call ${exportProgram}, or ${exportOnnx}.`,
    };
  }
  if (isSafetensors(head, source.size)) return { what: 'a safetensors file', hint: noGraph };
  return textFormat(head);
}

interface Mark {
  readonly at: number;
  readonly bytes: readonly number[];
  readonly format: ForeignFormat;
}

const mark = (at: number, bytes: string, what: string, hint: string): Mark => ({
  at,
  bytes: [...bytes].map((character) => character.charCodeAt(0)),
  format: { what, hint },
});

const unpack = 'Unpack it and open the model inside.';
const fromTensorFlow = 'Convert it with tf2onnx: python -m tf2onnx.convert --help.';

const marks: readonly Mark[] = [
  mark(0, 'GGUF', 'a GGUF file', noGraph),
  mark(4, 'TFL3', 'a TensorFlow Lite model', `${fromTensorFlow.slice(0, -1)} (option --tflite).`),
  mark(4, 'ORTM', 'a model in ONNX Runtime format', 'Open the ONNX file it was converted from.'),
  mark(4, 'ET12', 'an ExecuTorch program', `Open an export of the original model: ${exportOnnx}.`),
  mark(0, '\x89HDF\r\n\x1a\n', 'an HDF5 file, as Keras writes it', fromTensorFlow),
  mark(0, '\x93NUMPY', 'a NumPy array', 'Choose a model file.'),
  mark(0, '\x1f\x8b', 'compressed with gzip', unpack),
  mark(0, '\x28\xb5\x2f\xfd', 'compressed with zstd', unpack),
];

/** What a zip archive is shows in the names of its entries. */
function zipFormat(source: ByteSource): ForeignFormat {
  const names = zipNames(source);
  if (/constants\.pkl|\/code\//.test(names)) {
    return {
      what: 'a TorchScript archive',
      hint: `TorchScript is not read. Export the original model: ${exportProgram}, or ${exportOnnx}.`,
    };
  }
  if (names.includes('data.pkl')) {
    return { what: 'a PyTorch checkpoint, as torch.save writes it', hint: noGraph };
  }
  if (names.includes('model.weights.h5')) return { what: 'a Keras model', hint: fromTensorFlow };
  return { what: 'a zip archive', hint: unpack };
}

/** Is this a zip archive that torch.export.save wrote, whole or cut off? */
export function isExportArchive(source: ByteSource): boolean {
  const head = source.read(0, Math.min(4, source.size));
  const isZip = startsWith(head, 'PK\x03\x04');
  return isZip && exportEntries.test(zipNames(source));
}

/** Entries that only such archives have. */
const exportEntries =
  /(^|\/)(models\/[^/\n]+\.json|data\/weights\/(weight_\d|\w+_config\.json)|archive_format|serialized_exported_program\.json)/m;

/** The names of all entries, a line each; of an archive without a directory, what its first and last bytes show. */
function zipNames(source: ByteSource): string {
  try {
    return [...readZipDirectory(source).keys()].join('\n');
  } catch (error) {
    if (!(error instanceof HeadroomError) || error.code === 'file-access') throw error;
    const window = 65_536;
    const head = latin1.decode(source.read(0, Math.min(window, source.size)));
    return head + latin1.decode(source.read(Math.max(0, source.size - window), window));
  }
}

const latin1 = new TextDecoder('latin1');

function startsWith(head: Uint8Array, text: string): boolean {
  return [...text].every((character, i) => head[i] === character.charCodeAt(0));
}

/** PROTO opcode and version; the shortest pickles end with STOP, but checkpoints are longer than the head. */
function isPickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && head[1] >= 2 && head[1] <= 5;
}

/** Length of the header as 64-bit integer, then the header, which is JSON. */
function isSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 10 || head[8] !== 0x7b) return false;
  const length = Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
  return length >= 2 && length <= size - 8;
}

function textFormat(head: Uint8Array): ForeignFormat | undefined {
  // Control characters other than tabs and line ends do not occur in text, and do at the start of every binary model.
  if (head.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) return undefined;
  const text = new TextDecoder().decode(head).trimStart();
  if (text.startsWith('version https://git-lfs')) {
    return { what: 'a Git LFS placeholder, not the file itself', hint: 'Fetch the file: git lfs pull.' };
  }
  if (/^(<!doctype html|<html)/i.test(text)) {
    return {
      what: 'a web page, not a model',
      hint: 'The download got an error or login page: download the model again.',
    };
  }
  if (/^(ir_version|producer_name|graph)\b/.test(text)) {
    return {
      what: 'a model in ONNX text format',
      hint: 'Convert it: onnx.save(onnx.load("model.textproto", format="textproto"), "model.onnx").',
    };
  }
  return {
    what: 'a text file',
    hint: `Choose a model file. A PyTorch model becomes one with ${exportOnnx}.`,
  };
}
