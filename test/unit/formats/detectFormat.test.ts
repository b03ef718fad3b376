import { describe, expect, it } from 'vitest';
import { onnxFile } from '../../fixtures/onnx-builder/onnx';
import { MessageWriter } from '../../fixtures/onnx-builder/protobuf';
import { failure, openBytes } from './support';

const ascii = (text: string): Uint8Array =>
  Uint8Array.from([...text], (character) => character.charCodeAt(0));

const padded = (text: string, length = 200): Uint8Array => {
  const bytes = new Uint8Array(length);
  bytes.set(ascii(text));
  return bytes;
};

const safetensors = (): Uint8Array => {
  const header = ascii('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
  const bytes = new Uint8Array(8 + header.length + 4);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  return bytes;
};

const zip = (entry: string): Uint8Array => padded(`PK\x03\x04\x14\x00\x00\x00\x00\x00${entry}`);

const foreign: [what: string, bytes: Uint8Array, hint: RegExp][] = [
  ['TorchScript', zip('net/code/__torch__.py net/data.pkl net/constants.pkl'), /torch\.onnx\.export/],
  ['checkpoint', zip('archive/data.pkl'), /torch\.onnx\.export/],
  ['Keras', zip('model.weights.h5'), /tf2onnx/],
  ['zip', zip('readme.txt'), /Unpack/],
  ['pickle', padded('\x80\x02\x8a\x0a'), /never runs code/],
  ['safetensors', safetensors(), /torch\.onnx\.export/],
  ['GGUF', padded('GGUF\x03'), /torch\.onnx\.export/],
  ['TensorFlow Lite', padded('\x1c\x00\x00\x00TFL3'), /tf2onnx/],
  ['HDF5', padded('\x89HDF\r\n\x1a\n'), /tf2onnx/],
  ['ONNX Runtime', padded('\x28\x00\x00\x00ORTM'), /ONNX file/],
  ['gzip', padded('\x1f\x8b\x08'), /Unpack/],
  ['Git LFS', ascii('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'), /git lfs pull/],
  ['web page', ascii('<!DOCTYPE html><html></html>'), /download/],
  ['ONNX text', ascii('ir_version: 8\ngraph {\n}\n'), /onnx\.load/],
  ['text file', ascii('{"nodes": []}'), /torch\.onnx\.export/],
];

describe('format detection', () => {
  it.each(foreign)('recognises %s, whatever the file is called', (what, bytes, hint) => {
    for (const name of ['unknown', 'model.onnx', 'model.pt']) {
      const error = failure(() => openBytes(bytes, name));
      expect(error.code).toBe('unsupported-format');
      expect(error.message.toLowerCase()).toContain(what.toLowerCase());
      expect(error.message).toContain(name);
      expect(error.hint).toMatch(hint);
      expect(error.where?.file).toBe(name);
    }
  });

  it('opens an ONNX file, whatever it is called', () => {
    const bytes = onnxFile({
      nodes: [{ type: 'Relu', inputs: ['x'], outputs: ['y'] }],
      inputs: [{ name: 'x' }],
    });
    const graphs = ['unknown', 'model.onnx', 'weights.pt', 'notes.txt', ''].map((name) =>
      openBytes(bytes, name),
    );
    expect(graphs[0].format).toBe('onnx');
    for (const graph of graphs) expect(graph).toEqual(graphs[0]);
  });

  it('takes what begins as a torch.export archive for one that was cut off', () => {
    const error = failure(() => openBytes(zip('model/models/model.json'), 'unknown'));
    expect(error.code).toBe('truncated-file');
  });

  it('reports an empty file', () => {
    expect(failure(() => openBytes(new Uint8Array())).code).toBe('empty-file');
  });

  it.each([
    ['zeros', new Uint8Array(1000)],
    ['one byte', Uint8Array.of(8)],
    ['a TensorFlow GraphDef', new MessageWriter().bytes(1, new MessageWriter().bytes(1, 'x')).finish()],
    ['a message without a graph', new MessageWriter().int(1, 8).bytes(2, 'pytorch').finish()],
    ['noise', Uint8Array.from({ length: 500 }, (_, i) => (i * 197 + 255) % 256)],
  ])('says of %s that it is no model', (_, bytes) => {
    expect(failure(() => openBytes(bytes, 'unknown')).code).toBe('not-a-model');
  });

  it('advises by the name where the content says nothing', () => {
    const hintFor = (name: string): string => failure(() => openBytes(new Uint8Array(9), name)).hint ?? '';
    expect(hintFor('saved_model.pb')).toContain('tf2onnx');
    expect(hintFor('weights.pth')).toContain('no graph');
    expect(hintFor('net.onnx')).toContain('export it again');
    expect(hintFor('unknown')).toContain('torch.onnx.export');
  });
});
