const utf8 = new TextDecoder();
const slots = 1 << 14;
const longest = 64;

/**
 * Decodes UTF-8, giving the same string again for a text met lately: names stand in a file several times (where a value
 * is made, where it is read, where it is declared), operator types thousands of times. Saves the decoding, the memory,
 * and hashing the string anew wherever it is looked up. A text displaces another with the same slot: memory is bounded.
 */
export class TextCache {
  private readonly texts = new Array<string | undefined>(slots).fill(undefined);

  /** The text in `bytes[from .. from + length)`. */
  decode(bytes: Uint8Array, from: number, length: number): string {
    if (length > longest) return utf8.decode(bytes.subarray(from, from + length));
    // FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/).
    let hash = 0x811c9dc5;
    for (let i = from; i < from + length; i++) {
      // Beyond ASCII, bytes are no characters.
      if (bytes[i] >= 0x80) return utf8.decode(bytes.subarray(from, from + length));
      hash = Math.imul(hash ^ bytes[i], 0x01000193);
    }
    const slot = (hash ^ (hash >>> 14)) & (slots - 1);
    const known = this.texts[slot];
    if (known !== undefined && isAscii(known, bytes, from, length)) return known;
    const text = utf8.decode(bytes.subarray(from, from + length));
    this.texts[slot] = text;
    return text;
  }
}

function isAscii(text: string, bytes: Uint8Array, from: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}
