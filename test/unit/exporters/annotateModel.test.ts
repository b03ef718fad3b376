import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { annotateModel, type ModelNotes } from '../../../planner-core/exporters/onnx/annotateModel';
import type { Splice } from '../../../planner-core/exporters/onnx/splice';
import { openModel } from '../../../planner-core/formats/openModel';
import { fingerprint } from '../../../planner-core/graph/fingerprint';
import { onnxFile, type ModelSpec } from '../../fixtures/onnx-builder/onnx';
import '../support/seedProperties';

const chain = (length: number): ModelSpec => ({
  nodes: Array.from({ length }, (_, i) => ({
    name: `relu_${i}`,
    type: i === 0 ? 'MatMul' : 'Relu',
    inputs: i === 0 ? ['x', 'weight'] : [`t${i - 1}`],
    outputs: [`t${i}`],
    metadata: { namespace: `layer.${i}` },
  })),
  inputs: [{ name: 'x', type: 'float', dims: [2, 40] }],
  outputs: [{ name: `t${length - 1}`, type: 'float', dims: [2, 40] }],
  initializers: [{ name: 'weight', type: 'float', dims: [40, 40], raw: new Uint8Array(6400).fill(7) }],
});

const bytes = (source: Uint8Array, { pieces }: Splice): Uint8Array =>
  Buffer.concat(
    pieces.map((piece) =>
      piece instanceof Uint8Array ? piece : source.subarray(piece.offset, piece.offset + piece.length),
    ),
  );
const annotated = (source: Uint8Array, notes: ModelNotes): Uint8Array =>
  bytes(source, annotateModel(new MemoryByteSource(source), notes).splice);
const open = (file: Uint8Array) => openModel(new MemoryByteSource(file), 'model.onnx');

const notesOn = (names: readonly string[], devices: readonly string[]): ModelNotes => ({
  nodes: new Map(
    names.map((name, i) => [
      name,
      { metadata: [['choice', 'recompute']], device: devices.length > 0 ? i % devices.length : undefined },
    ]),
  ),
  metadata: [['plan', 'headroom-plan/1']],
  devices,
});

describe('a copy with notes', () => {
  const source = onnxFile(chain(5));
  const notes = notesOn(['t1', 't3', 'gone'], ['gpu0', 'gpu1']);

  test('is the same model: same structure, same weights, nothing lost', () => {
    const copy = annotated(source, notes);
    expect(fingerprint(open(copy))).toBe(fingerprint(open(source)));
    expect(Buffer.from(copy).includes(Buffer.alloc(6400, 7))).toBe(true);
    expect(open(copy).tensors).toEqual(open(source).tensors);
  });

  test('says which nodes the file has, and raises the IR version no further than it must', () => {
    const { found, irVersion } = annotateModel(new MemoryByteSource(source), notes);
    expect([...found]).toEqual(['t1', 't3']);
    expect(irVersion).toEqual({ before: 8, after: 11 });
    const newer = new MemoryByteSource(onnxFile({ ...chain(2), irVersion: 13 }));
    expect(annotateModel(newer, notes).irVersion).toEqual({ before: 13, after: 13 });
    expect(annotateModel(new MemoryByteSource(source), notesOn(['t1'], [])).irVersion.after).toBe(10);
  });

  test('copies weights as a range of the source, never through memory', () => {
    const { splice } = annotateModel(new MemoryByteSource(source), notes);
    const written = splice.pieces.filter((piece) => piece instanceof Uint8Array);
    expect(written.reduce((sum, piece) => sum + piece.length, 0)).toBeLessThan(600);
  });

  test('copied again it has the new notes instead of the old ones', () => {
    const again = annotated(annotated(source, notes), notes);
    expect(Buffer.from(again)).toEqual(Buffer.from(annotated(source, notes)));
    const bare = annotated(annotated(source, notes), { nodes: new Map(), metadata: [], devices: [] });
    expect(Buffer.from(bare).includes('headroom')).toBe(false);
  });

  test('keeps every other byte, whatever is annotated', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.nat(14)),
        fc.boolean(),
        (length, marks, placed) => {
          const original = onnxFile({ ...chain(length), irVersion: 11 });
          const some = notesOn(
            [...new Set(marks)].map((i) => `t${i}`),
            placed ? ['a', 'b'] : [],
          );
          const copy = annotated(original, some);
          const back = annotated(copy, { nodes: new Map(), metadata: [], devices: [] });
          expect(Buffer.from(back)).toEqual(Buffer.from(original));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('refuses a file without a graph and one that ends too early', () => {
    const empty = new MemoryByteSource(Uint8Array.of(8, 8));
    expect(() => annotateModel(empty, notes)).toThrow(/no graph/);
    for (const at of [source.length - 1, source.length - 50, 40])
      expect(() => annotateModel(new MemoryByteSource(source.subarray(0, at)), notes)).toThrow();
  });
});
