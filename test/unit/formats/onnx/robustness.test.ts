import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../planner-core/base/errors';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { openModel } from '../../../../planner-core/formats/openModel';
import { openFile } from '../../../../planner-core/node/fileByteSource';
import { graphMessage, nodeMessage } from '../../../fixtures/onnx-builder/onnx';
import { MessageWriter } from '../../../fixtures/onnx-builder/protobuf';
import { Random } from '../../support/random';
import { failure, openBytes, samples, tensorNamed } from '../support';
import { CountingSource } from '../../support/countingSource';

/** Opens bytes; the code of the error, or 'opened'. Anything but a HeadroomError fails the test. */
function outcome(bytes: Uint8Array): string {
  try {
    const graph = openBytes(bytes, 'unknown');
    // A graph that comes out must hold together.
    const isSound = graph.operators.every(
      ({ inputs, outputs, module }) =>
        [...inputs, ...outputs].every((id) => id === -1 || id in graph.tensors) && module in graph.modules,
    );
    if (!isSound) throw new Error('the graph refers to tensors or modules that do not exist');
    return 'opened';
  } catch (error) {
    if (!(error instanceof HeadroomError)) throw error;
    if (error.where?.file !== 'unknown') throw new Error('the error does not name the file');
    return error.code;
  }
}

const damage = new Set([
  'opened',
  'empty-file',
  'not-a-model',
  'unsupported-format',
  'truncated-file',
  'malformed-file',
  'limit-exceeded',
  'cyclic-graph',
  'external-path',
]);

const fileOf = (name: string): Uint8Array => readFileSync(join(samples, name));

/** Of a file beyond this, every so many bytes are tried; primes, so that no field is always passed over. */
const fewBytes = 10_000;
const cutEvery = 7;
const flipEvery = 11;
const changedCopies = 500;

describe.each(['tiny_mlp.train.onnx', 'dlrm.train.onnx'])('damaged copies of %s', (name) => {
  const bytes = fileOf(name);

  it('cut off anywhere: a plain error, mostly that the file is cut off', () => {
    const outcomes = new Map<string, number>();
    const every = bytes.length > fewBytes ? cutEvery : 1;
    const lengths = Array.from(
      { length: Math.ceil(bytes.length / every) },
      (_, i) => bytes.length - 1 - i * every,
    );
    for (const length of lengths) {
      const result = outcome(bytes.subarray(0, length));
      outcomes.set(result, (outcomes.get(result) ?? 0) + 1);
    }
    expect([...outcomes.keys()].filter((code) => !damage.has(code))).toEqual([]);
    expect(outcomes.get('truncated-file')).toBeGreaterThan(lengths.length * 0.95);
    // Only the end of the file, where nothing but the operator set is left to read, may be missing unnoticed.
    expect(outcomes.get('opened') ?? 0).toBeLessThanOrEqual(1);
  });

  it('with bytes changed: a plain error or a sound graph', () => {
    const random = new Random(20_240_601);
    const outcomes = new Set<string>();
    for (let round = 0; round < changedCopies; round++) {
      const copy = Uint8Array.from(bytes);
      const changes = random.int(1, 4);
      for (let i = 0; i < changes; i++) copy[random.int(0, copy.length - 1)] = random.int(0, 255);
      outcomes.add(outcome(copy));
    }
    expect([...outcomes].filter((code) => !damage.has(code))).toEqual([]);
    expect(outcomes).toContain('opened');
    expect(outcomes).toContain('malformed-file');
  });

  it('with one bit changed, anywhere: a plain error or a sound graph', () => {
    const outcomes = new Set<string>();
    for (let at = 0; at < bytes.length; at += bytes.length > fewBytes ? flipEvery : 1) {
      const copy = Uint8Array.from(bytes);
      copy[at] ^= 1 << (at % 8);
      outcomes.add(outcome(copy));
    }
    expect([...outcomes].filter((code) => !damage.has(code))).toEqual([]);
  });
});

describe('made-up files', () => {
  const model = (graph: MessageWriter): Uint8Array =>
    new MessageWriter().int(1, 8).bytes(2, 'x').bytes(7, graph).finish();

  it('that claim more than there is are cut off or damaged, at once', () => {
    const head = new MessageWriter().int(1, 8).bytes(2, 'x');
    expect(
      outcome(
        head
          .header(7, 2n ** 62n)
          .int(1, 1)
          .finish(),
      ),
    ).toBe('truncated-file');
    const inner = new MessageWriter().header(1, 2n ** 40n).int(1, 1);
    expect(outcome(model(inner))).toBe('malformed-file');
    const tensor = new MessageWriter().int(2, 1).header(9, 2n ** 50n);
    expect(outcome(model(new MessageWriter().bytes(5, tensor)))).toBe('malformed-file');
  });

  it('that declare sizes beyond measure are opened without allocating them', () => {
    const dims = new MessageWriter()
      .packedInts(1, [2n ** 62n, 2n ** 62n, 2n ** 62n])
      .int(2, 7)
      .bytes(8, 'w');
    const graph = openBytes(model(new MessageWriter().bytes(5, dims)));
    expect(tensorNamed(graph, 'w').elements).toBeUndefined();
  });

  it('that nest graphs without end are refused', () => {
    let body = graphMessage({ name: 'innermost' });
    for (let depth = 0; depth < 2000; depth++) {
      const attribute = new MessageWriter().bytes(1, 'body').bytes(6, body).int(20, 5);
      body = new MessageWriter().bytes(1, nodeMessage({ type: 'Loop' }).bytes(5, attribute));
    }
    expect(outcome(model(body))).toBe('limit-exceeded');
  });

  it('that nest types without end are refused', () => {
    let type = new MessageWriter().int(1, 1);
    for (let depth = 0; depth < 5000; depth++) {
      type = new MessageWriter().bytes(4, new MessageWriter().bytes(1, type));
    }
    const input = new MessageWriter().bytes(1, 'x').bytes(2, type);
    expect(outcome(model(new MessageWriter().bytes(11, input)))).toBe('limit-exceeded');
  });

  it('say where they are damaged', () => {
    const bytes = model(new MessageWriter().bytes(1, nodeMessage({ type: 'Relu' })).raw(Uint8Array.of(0x0b)));
    const error = failure(() => openBytes(bytes));
    expect(error).toMatchObject({ code: 'malformed-file', where: { byteOffset: bytes.length - 1 } });
  });
});

describe('a file with more than 4 GiB of weights', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is opened by reading less than 1 MiB of it', () => {
    const payload = 5_000_000_000;
    const declaration = new MessageWriter()
      .packedInts(1, [payload / 4])
      .int(2, 1)
      .bytes(8, 'w')
      .header(9, payload);
    const tensorStart = declaration.finish();
    const before = new MessageWriter()
      .bytes(1, nodeMessage({ type: 'Mul', inputs: ['x', 'w'], outputs: ['h'] }))
      .header(5, tensorStart.length + payload)
      .raw(tensorStart)
      .finish();
    const after = graphMessage({
      nodes: [{ type: 'Relu', inputs: ['h'], outputs: ['y'] }],
      inputs: [{ name: 'x', dims: [1] }],
      outputs: [{ name: 'y' }],
    }).finish();
    const head = new MessageWriter()
      .int(1, 8)
      .bytes(2, 'x')
      .header(7, before.length + payload + after.length)
      .raw(before)
      .finish();
    const tail = new MessageWriter().raw(after).bytes(8, new MessageWriter().int(2, 17)).finish();

    const path = join(folder, 'large.onnx');
    const file = openSync(path, 'w');
    writeSync(file, head, 0, head.length, 0);
    ftruncateSync(file, head.length + payload);
    writeSync(file, tail, 0, tail.length, head.length + payload);
    closeSync(file);

    const source = openFile(path);
    expect(source.size).toBeGreaterThan(2 ** 32);
    const counting = new CountingSource(source);
    const graph = openModel(counting, 'large.onnx');
    source.close();
    expect(graph.operators.map(({ type }) => type)).toEqual(['Mul', 'Relu']);
    expect(tensorNamed(graph, 'w')).toMatchObject({ role: 'parameter', shape: [1_250_000_000] });
    expect(graph.opsets.get('')).toBe(17);
    expect(counting.bytesRead).toBeLessThan(1024 * 1024);
  });
});

it('reads only declarations, however many tensors there are', () => {
  const graph = new MessageWriter();
  for (let i = 0; i < 40; i++) {
    graph.bytes(
      5,
      new MessageWriter()
        .packedInts(1, [250_000])
        .int(2, 1)
        .bytes(8, `w${i}`)
        .bytes(9, new Uint8Array(1_000_000)),
    );
  }
  const bytes = new MessageWriter().int(1, 8).bytes(7, graph).finish();
  const source = new CountingSource(new MemoryByteSource(bytes));
  expect(openModel(source, 'unknown').tensors).toHaveLength(40);
  expect(bytes.length).toBeGreaterThan(40_000_000);
  expect(source.bytesRead).toBeLessThan(1024 * 1024);
});

describe('names beyond reason', () => {
  const length = 300_000;
  it.each([
    ['digits', '1'.repeat(length)],
    ['dots', 'a.'.repeat(length / 2)],
    ['slashes', '/a'.repeat(length / 2)],
    ['call suffixes', `/${'_1'.repeat(length / 2)}/Relu`],
  ])('made of %s are read like any other', (_, name) => {
    const graph = new MessageWriter()
      .bytes(1, nodeMessage({ type: 'Relu', name: '/known/Relu', inputs: ['x', name], outputs: ['h'] }))
      .bytes(1, nodeMessage({ type: 'Relu', name, inputs: ['h'], outputs: [`${name}.y`] }))
      .bytes(5, new MessageWriter().int(2, 1).bytes(8, name))
      .bytes(11, new MessageWriter().bytes(1, 'x'));
    const file = new MessageWriter().int(1, 8).bytes(7, graph).finish();
    expect(openBytes(file).modules.map((module) => module.name)).toEqual(['', 'known']);
  });
});
