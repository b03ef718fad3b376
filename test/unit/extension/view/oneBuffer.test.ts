import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOneBuffer } from '../../../../extension/view/oneBuffer';

const typedArray = fc.oneof(
  fc.uint8Array({ maxLength: 9 }),
  fc.int8Array({ maxLength: 9 }),
  fc.int32Array({ maxLength: 9 }),
  fc.float64Array({ maxLength: 9 }),
  // A part of a larger buffer.
  fc.int32Array({ minLength: 2, maxLength: 9 }).map((whole) => whole.subarray(1)),
);
const { message } = fc.letrec((tie) => ({
  message: fc.oneof(
    { maxDepth: 4 },
    typedArray,
    fc.constantFrom<unknown>(undefined, null, 0, 'text', true),
    fc.array(tie('message'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('message'), { noNullPrototype: true }),
  ),
}));

function buffersOf(value: unknown, found = new Set<ArrayBufferLike>()): Set<ArrayBufferLike> {
  if (ArrayBuffer.isView(value)) found.add(value.buffer);
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) buffersOf(item, found);
  }
  return found;
}

describe('a message in one buffer', () => {
  it('says the same', () => {
    fc.assert(
      fc.property(message, (said) => {
        const packed = inOneBuffer(said);
        expect(packed).toEqual(said);
        expect(buffersOf(packed).size).toBeLessThanOrEqual(1);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('leaves the original alone and shares what holds no array', () => {
    const said = { point: { directives: new Int32Array([1, 2]) }, names: ['a', 'b'] };
    const before = said.point.directives;
    const packed = inOneBuffer(said);
    expect(said.point.directives).toBe(before);
    packed.point.directives[0] = 7;
    expect(before[0]).toBe(1);
    expect(packed.names).toBe(said.names);
  });

  it('keeps what many buffers say, as a frontier of many points does', () => {
    const points = Array.from({ length: 400 }, (_, i) => ({ recomputations: Int32Array.of(i, i + 1) }));
    const packed = inOneBuffer({ points });
    expect(buffersOf(packed).size).toBe(1);
    expect([...packed.points[399].recomputations]).toEqual([399, 400]);
  });
});
