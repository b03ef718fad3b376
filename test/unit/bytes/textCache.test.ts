import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextCache } from '../../../planner-core/bytes/textCache';

const encoder = new TextEncoder();

describe('TextCache', () => {
  it('decodes what TextDecoder decodes, whatever it decoded before', () => {
    const cache = new TextCache();
    const text = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 }));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), fc.nat(5), (texts, padding) => {
        for (const each of [...texts, ...texts]) {
          const encoded = encoder.encode(each);
          const bytes = new Uint8Array(padding + encoded.length + 1);
          bytes.set(encoded, padding);
          expect(cache.decode(bytes, padding, encoded.length)).toBe(new TextDecoder().decode(encoded));
        }
      }),
    );
  });

  it('tells texts apart that share a slot', () => {
    const cache = new TextCache();
    const texts = Array.from({ length: 100_000 }, (_, i) => `v${i}`);
    const decoded = texts.map((each) => cache.decode(encoder.encode(each), 0, each.length));
    expect(decoded).toEqual(texts);
  });

  it('replaces bytes that are no UTF-8, as TextDecoder does', () => {
    expect(new TextCache().decode(Uint8Array.of(0x61, 0xff, 0x62), 0, 3)).toBe('a\ufffdb');
  });
});
