import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import { MemoryByteSource, type ByteSource } from '../../../planner-core/bytes/byteSource';
import { maximumNesting, WireReader } from '../../../planner-core/bytes/wireReader';
import { MessageWriter } from '../../fixtures/onnx-builder/protobuf';

const over = (message: MessageWriter): WireReader => WireReader.over(new MemoryByteSource(message.finish()));

function failure(run: () => unknown): HeadroomError {
  try {
    run();
  } catch (error) {
    if (error instanceof HeadroomError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Hands out one buffer again and again, as a file-backed source does. */
class ReusingSource implements ByteSource {
  bytesRead = 0;
  private readonly buffer = new Uint8Array(1 << 20);

  constructor(private readonly bytes: Uint8Array) {}

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.bytes.length);
    this.buffer.fill(0xee);
    this.buffer.set(this.bytes.subarray(offset, end));
    this.bytesRead += end - offset;
    return this.buffer.subarray(0, end - offset);
  }
}

describe('WireReader', () => {
  it.each([0, 1, 127, 128, 300, -1, -2, -(2 ** 31), 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, -(2 ** 53)])(
    'reads the integer %d',
    (value) => {
      const reader = over(new MessageWriter().int(3, value));
      expect(reader.next()).toBe(true);
      expect(reader.field).toBe(3);
      expect(reader.int()).toBe(value);
      expect(reader.next()).toBe(false);
    },
  );

  it('rounds integers beyond 2^53 to the nearest double', () => {
    const values = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 60n + 1n];
    for (const value of values) {
      const reader = over(new MessageWriter().int(1, value));
      reader.next();
      expect(reader.int()).toBe(Number(value));
    }
  });

  it('reads any list of 64-bit integers, packed or not', () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(fc.array(int64), fc.array(int64), (packed, single) => {
        const writer = new MessageWriter().packedInts(1, packed);
        for (const value of single) writer.int(1, value);
        const reader = over(writer);
        const read: number[] = [];
        while (reader.next()) reader.ints(read);
        expect(read).toEqual([...packed, ...single].map(Number));
      }),
      { seed: 7 },
    );
  });

  it('reads texts, floats and doubles', () => {
    const doubles = new Uint8Array(Float64Array.of(0.1, -2).buffer);
    const reader = over(new MessageWriter().bytes(1, 'żółw').float(2, 0.5).bytes(3, doubles));
    reader.next();
    expect(reader.string()).toBe('żółw');
    reader.next();
    expect(reader.float()).toBe(0.5);
    const list: number[] = [];
    reader.next();
    reader.doubles(list);
    expect(list).toEqual([0.1, -2]);
  });

  it('skips what is not asked for', () => {
    const inner = new MessageWriter().int(1, 5).bytes(2, 'x');
    const reader = over(new MessageWriter().bytes(9, inner).float(8, 1).int(7, 1).bytes(1, 'end'));
    const fields: number[] = [];
    while (reader.next()) fields.push(reader.field);
    expect(fields).toEqual([9, 8, 7, 1]);
  });

  it('keeps its place when a nested message is longer than the window and read in between', () => {
    const inner = new MessageWriter();
    for (let i = 0; i < 40_000; i++) inner.int(1, i).bytes(2, `value ${i}`);
    const source = new ReusingSource(
      new MessageWriter().int(5, 1).bytes(6, inner).bytes(6, inner).bytes(7, 'after').finish(),
    );
    expect(source.size).toBeGreaterThan(4 * 65_536);
    const outer = WireReader.over(source);
    outer.next();
    outer.next();
    const first = outer.message();
    outer.next();
    const second = outer.message();
    // Alternating: every step moves the window between two places far apart.
    for (let i = 0; i < 40_000; i += 1) {
      if (i % 1000 !== 0) {
        first.next();
        first.next();
        continue;
      }
      first.next();
      expect(first.int()).toBe(i);
      first.next();
      expect(first.string()).toBe(`value ${i}`);
      second.next();
      second.next();
      expect(second.string()).toBe(`value ${i / 1000}`);
    }
    expect(first.next()).toBe(false);
    outer.next();
    expect(outer.string()).toBe('after');
  });

  it('reads a text longer than the window', () => {
    const text = 'abcdefgh'.repeat(20_000);
    const reader = WireReader.over(new ReusingSource(new MessageWriter().bytes(1, text).finish()));
    reader.next();
    expect(reader.string()).toBe(text);
  });

  it('hops over payloads without reading them', () => {
    const writer = new MessageWriter();
    for (let i = 0; i < 50; i++) writer.bytes(9, new Uint8Array(200_000)).int(1, i);
    const source = new ReusingSource(writer.finish());
    const reader = WireReader.over(source);
    while (reader.next());
    expect(source.size).toBeGreaterThan(10_000_000);
    expect(source.bytesRead).toBeLessThan(500_000);
  });

  it('reports a file that ends too early, wherever it ends', () => {
    const bytes = new MessageWriter().int(1, 300).bytes(2, 'text').float(3, 1).finish();
    const boundaries = new Set([0, 3, 9, 14]);
    for (let length = 0; length <= bytes.length; length++) {
      const reader = WireReader.over(new MemoryByteSource(bytes.slice(0, length)));
      const readAll = (): void => {
        while (reader.next());
      };
      if (boundaries.has(length)) expect(readAll).not.toThrow();
      else expect(failure(readAll)).toMatchObject({ code: 'truncated-file', where: { byteOffset: length } });
    }
  });

  it.each([
    ['a field longer than its message', [0x0a, 0x03, 0x12, 0x05, 0x00], 2],
    ['a number of eleven bytes', [0x08, ...new Array<number>(11).fill(0x80), 0x00], 1],
    ['field number 0', [0x00, 0x01], 0],
    ['an encoding that does not exist', [0x0f, 0x01], 0],
    ['a negative length', [0x0a, ...new Array<number>(9).fill(0xff), 0x01], 0],
  ])('reports %s', (_, bytes, byteOffset) => {
    const reader = WireReader.over(new MemoryByteSource(Uint8Array.from(bytes)));
    const readAll = (): void => {
      while (reader.next()) {
        const inner = reader.message();
        while (inner.next());
      }
    };
    expect(failure(readAll)).toMatchObject({ code: 'malformed-file', where: { byteOffset } });
  });

  it('reports a value of another type than is asked for', () => {
    const reader = over(new MessageWriter().int(1, 5));
    reader.next();
    for (const read of [() => reader.string(), () => reader.message(), () => reader.float()]) {
      expect(failure(read)).toMatchObject({ code: 'malformed-file', where: { byteOffset: 1 } });
    }
  });

  it('reports a packed list that ends inside a number', () => {
    const reader = over(new MessageWriter().bytes(1, Uint8Array.of(0x05, 0x80)).int(2, 1));
    reader.next();
    expect(failure(() => reader.ints([])).code).toBe('malformed-file');
    const floats = over(new MessageWriter().bytes(1, new Uint8Array(6)));
    floats.next();
    expect(failure(() => floats.floats([])).code).toBe('malformed-file');
  });

  it('refuses messages nested too deeply, and reads those at the limit', () => {
    const nested = (depth: number): MessageWriter => {
      let message = new MessageWriter().int(2, 1);
      for (let i = 0; i < depth; i++) message = new MessageWriter().bytes(1, message);
      return message;
    };
    const descend = (reader: WireReader): number =>
      reader.next() && reader.field === 1 ? 1 + descend(reader.message()) : 0;
    expect(descend(over(nested(maximumNesting)))).toBe(maximumNesting);
    const error = failure(() => descend(over(nested(maximumNesting + 1))));
    expect(error.code).toBe('limit-exceeded');
    expect(error.where?.byteOffset).toBeGreaterThan(maximumNesting);
  });

  it('refuses texts of absurd length instead of reading them', () => {
    const length = 5_000_000_000;
    const head = new MessageWriter().header(1, length).finish();
    const source: ByteSource = {
      size: head.length + length,
      read: (offset, wanted) => head.slice(offset, offset + wanted),
    };
    const reader = WireReader.over(source);
    reader.next();
    expect(failure(() => reader.string()).code).toBe('limit-exceeded');
  });

  it('stops reading a list at the limit it is given', () => {
    const reader = over(new MessageWriter().packedInts(1, [1, 2, 3, 4]));
    reader.next();
    const list: number[] = [];
    reader.ints(list, 2);
    expect(list).toEqual([1, 2]);
  });
});
