/**
 * A 64-bit hash of a stream of numbers and texts: two independent 32-bit lanes, each mixed as MurmurHash3 mixes a block
 * (A. Appleby, 2011, public domain) with its own seed and constants. Not cryptographic.
 */
export class StructuralHash {
  private a = 0x9e3779b9;
  private b = 0x7f4a7c15;
  private words = 0;
  private readonly float = new DataView(new ArrayBuffer(8));

  /** Adds any number, exactly. */
  number(value: number): void {
    // One NaN, one zero: bit patterns that compare alike hash alike.
    this.float.setFloat64(0, value === 0 ? 0 : value);
    this.word(this.float.getUint32(0));
    this.word(this.float.getUint32(4));
  }

  /** Adds a text; its length goes first, so that ("ab", "c") and ("a", "bc") differ. */
  text(value: string): void {
    this.word(value.length);
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
  }

  /** The hash of all that was added, as 16 hexadecimal digits. */
  digest(): string {
    return hex(finish(this.a ^ this.words)) + hex(finish(this.b ^ Math.imul(this.words, 0x9e3779b1)));
  }

  private word(value: number): void {
    this.a = mix(this.a, value, 0xcc9e2d51, 15, 0x1b873593, 13, 0xe6546b64);
    this.b = mix(this.b, value, 0x239b961b, 17, 0xab0e9789, 19, 0x561ccd1b);
    this.words++;
  }
}

function mix(
  state: number,
  word: number,
  first: number,
  turn: number,
  second: number,
  turnState: number,
  added: number,
): number {
  const scrambled = Math.imul(rotate(Math.imul(word, first), turn), second);
  return (Math.imul(rotate(state ^ scrambled, turnState), 5) + added) | 0;
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** Every input bit changes every output bit with probability one half. */
function finish(state: number): number {
  let h = state;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
