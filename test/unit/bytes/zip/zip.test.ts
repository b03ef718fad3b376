import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../planner-core/base/errors';
import { MemoryByteSource, type ByteSource } from '../../../../planner-core/bytes/byteSource';
import { crc32 } from '../../../../planner-core/bytes/zip/crc32';
import { readZipDirectory } from '../../../../planner-core/bytes/zip/zipDirectory';
import { readZipEntry } from '../../../../planner-core/bytes/zip/readZipEntry';
import { failure } from '../../formats/support';
import { zipArchive, type ZipFile } from '../../support/zipWriter';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const ascii = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The content of every entry. */
function unpack(bytes: Uint8Array, limit = 1_000_000): Map<string, Uint8Array> {
  const source = new MemoryByteSource(bytes);
  const entries = [...readZipDirectory(source).values()];
  return new Map(entries.map((entry) => [entry.name, readZipEntry(source, entry, limit)]));
}

const read = (files: readonly ZipFile[]): Map<string, Uint8Array> => unpack(zipArchive(files));

const codeOf = (run: () => unknown): string => failure(run).code;

describe('zip archives', () => {
  const contents = fc.array(
    fc.record({
      content: fc.uint8Array({ maxLength: 3000 }),
      deflated: fc.boolean(),
      padding: fc.nat({ max: 64 }),
    }),
    { maxLength: 8 },
  );

  it('gives back what was packed, stored or deflated, in either form of the directory', () => {
    fc.assert(
      fc.property(contents, fc.boolean(), fc.string({ maxLength: 20 }), (files, zip64, comment) => {
        const named = files.map((file, i) => ({ ...file, name: `folder/entry ${i}` }));
        const found = unpack(zipArchive(named, { zip64, comment: comment.replace(/[^ -~]/g, '.') }));
        expect([...found.keys()].sort()).toEqual(named.map(({ name }) => name).sort());
        for (const { name, content } of named) expect(found.get(name)).toEqual(content);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('knows the checksum of the standard’s example', () => {
    expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
  });

  it('reads the directory and the entry asked for, nothing else', () => {
    const weights = new Uint8Array(5_000_000);
    const bytes = zipArchive([
      { name: 'weights', content: weights },
      { name: 'model.json', content: '{}' },
    ]);
    let touched = 0;
    const source: ByteSource = {
      size: bytes.length,
      read(offset, length) {
        touched += Math.min(length, bytes.length - offset);
        return bytes.subarray(offset, offset + length);
      },
    };
    expect(text(readZipEntry(source, readZipDirectory(source).get('model.json')!, 100))).toBe('{}');
    expect(touched).toBeLessThan(100_000);
  });

  it('refuses an entry that says to be larger than the limit, with both numbers, unread', () => {
    const bytes = zipArchive([{ name: 'bomb', content: new Uint8Array(100_000), deflated: true }]);
    const error = failure(() => unpack(bytes, 99_999));
    expect(error.code).toBe('limit-exceeded');
    expect(error.message).toContain('100000');
    expect(error.message).toContain('99999');
  });

  it('stops inflating where an entry becomes larger than it says', () => {
    const error = failure(() =>
      read([{ name: 'bomb', content: new Uint8Array(5_000_000), deflated: true, fields: { bytes: 60_000 } }]),
    );
    expect(error.code).toBe('malformed-file');
    expect(error.message).toContain('more than its 60000 bytes');
  });

  it.each<[string, Partial<ZipFile['fields']>, RegExp]>([
    ['is shorter than it says', { bytes: 50 }, /has 4 bytes, not 50/],
    ['has another checksum', { crc32: 1 }, /checksum/],
    ['is encrypted', { flags: 1 }, /encrypted/],
    ['is compressed by something else', { method: 12 }, /method 12/],
    ['reaches into the directory', { compressedBytes: 500 }, /overlaps/],
    ['lies elsewhere', { headerOffset: 3 }, /not where the directory says|overlaps/],
    ['lies behind the end', { headerOffset: 1_000_000 }, /overlaps/],
    ['is huge', { bytes: 0xfffffff0 }, /unpacks to 4294967280 bytes/],
  ])('refuses an entry that %s', (_, fields, message) => {
    expect(failure(() => read([{ name: 'a', content: 'text', fields }])).message).toMatch(message);
  });

  it('refuses what is no deflated stream', () => {
    const noise = Uint8Array.from({ length: 100 }, (_, i) => (i * 91) % 256);
    expect(codeOf(() => read([{ name: 'a', content: noise, fields: { method: 8 } }]))).toBe('malformed-file');
  });

  it('refuses two entries of one name, and entries that share their bytes', () => {
    const twice = [
      { name: 'a', content: 'one' },
      { name: 'a', content: 'two' },
    ];
    expect(failure(() => read(twice)).message).toMatch(/two entries are named a/);
    const shared = [
      { name: 'a', content: 'a long text that b would be, too' },
      { name: 'b', content: '', fields: { headerOffset: 0 } },
    ];
    expect(failure(() => read(shared)).message).toMatch(/overlaps/);
  });

  it('says of every cut-off archive that it is damaged', () => {
    const bytes = zipArchive([
      { name: 'a', content: 'text' },
      { name: 'b', content: 'more text', deflated: true },
    ]);
    for (let length = 0; length < bytes.length; length++)
      expect(['truncated-file', 'malformed-file']).toContain(codeOf(() => unpack(bytes.subarray(0, length))));
  });

  it('survives any bytes', () => {
    const sound = zipArchive([{ name: 'a', content: 'text '.repeat(50), deflated: true }], { zip64: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: sound.length - 1 }), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        (changes) => {
          const bytes = sound.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            unpack(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(HeadroomError);
          }
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
  });
});
