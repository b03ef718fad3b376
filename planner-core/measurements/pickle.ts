import type { Job } from '../base/job';
import { damaged, tooMuch } from './damaged';

/** What a pickle of plain data holds. */
export type PickleValue =
  null | boolean | number | bigint | string | Uint8Array | PickleValue[] | Map<PickleValue, PickleValue>;

/** Opcodes that name or run code, by their names in Python's pickletools. */
const refused: ReadonlyMap<number, string> = new Map(
  Object.entries({
    c: 'GLOBAL',
    R: 'REDUCE',
    b: 'BUILD',
    i: 'INST',
    o: 'OBJ',
    P: 'PERSID',
    Q: 'BINPERSID',
    '\x81': 'NEWOBJ',
    '\x92': 'NEWOBJ_EX',
    '\x93': 'STACK_GLOBAL',
    '\x82': 'EXT1',
    '\x83': 'EXT2',
    '\x84': 'EXT4',
    '\x97': 'NEXT_BUFFER',
    '\x98': 'READONLY_BUFFER',
  }).map(([code, name]) => [code.charCodeAt(0), name]),
);

const mark = Symbol('mark');
type Slot = PickleValue | typeof mark;

/** A history of a hundred thousand events, with their stacks, takes about two million. */
const maxOpcodes = 50e6;
const checkpointEvery = 50_000;

/**
 * Reads a pickle of plain data (protocols 2 to 5): numbers, texts, lists, tuples and dictionaries. Runs nothing: opcodes that would name
 * or call anything are refused with 'bad-measurements', by name and offset, before anything after them is read. Tuples come
 * back as lists, integers beyond 2^53 as bigints.
 */
export function readPickle(bytes: Uint8Array, job: Job): Promise<PickleValue> {
  return new PickleReader(bytes).read(job);
}

/** Is this a pickle of a protocol that says so in its first bytes? */
export const isPickle = (bytes: Uint8Array): boolean => bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5;

class PickleReader {
  private readonly view: DataView;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private readonly stack: Slot[] = [];
  private readonly memo: PickleValue[] = [];
  private at = 0;
  private opcodes = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  async read(job: Job): Promise<PickleValue> {
    if (!isPickle(this.bytes)) throw damaged('The file is no pickle of protocol 2 to 5', 0);
    for (;;) {
      const offset = this.at;
      const code = this.uint8();
      if (code === 0x2e) return this.pop();
      const name = refused.get(code);
      if (name)
        throw damaged(`The pickle would run code: it has ${name}, which a memory snapshot never has`, offset);
      this.step(code, offset);
      if (++this.opcodes > maxOpcodes) throw tooMuch(`The pickle has more than ${maxOpcodes} opcodes`);
      if (this.opcodes % checkpointEvery === 0) await job.checkpoint();
    }
  }

  private step(code: number, offset: number): void {
    const { stack } = this;
    switch (String.fromCharCode(code)) {
      case '\x80': // PROTO
        this.take(1);
        return;
      case '\x95': // FRAME
        this.take(8);
        return;
      case '(':
        stack.push(mark);
        return;
      case '0': // POP
        if (stack.pop() === undefined) throw damaged('The pickle takes more than it has', offset);
        return;
      case '1': // POP_MARK
        this.toMark();
        return;
      case '2': {
        const top = this.pop();
        stack.push(top, top);
        return;
      }
      case 'N':
        stack.push(null);
        return;
      case '\x88':
        stack.push(true);
        return;
      case '\x89':
        stack.push(false);
        return;
      case 'J':
        stack.push(this.view.getInt32(this.take(4), true));
        return;
      case 'K':
        stack.push(this.uint8());
        return;
      case 'M':
        stack.push(this.view.getUint16(this.take(2), true));
        return;
      case '\x8a': // LONG1
        stack.push(this.long(this.uint8()));
        return;
      case '\x8b': // LONG4
        stack.push(this.long(this.uint32()));
        return;
      case 'G':
        stack.push(this.view.getFloat64(this.take(8), false));
        return;
      case '\x8c': // SHORT_BINUNICODE
        stack.push(this.text(this.uint8()));
        return;
      case 'X': // BINUNICODE
        stack.push(this.text(this.uint32()));
        return;
      case '\x8d': // BINUNICODE8
        stack.push(this.text(this.length64()));
        return;
      case 'C': // SHORT_BINBYTES
        stack.push(this.slice(this.uint8()));
        return;
      case 'B': // BINBYTES
        stack.push(this.slice(this.uint32()));
        return;
      case ']':
      case ')':
        stack.push([]);
        return;
      case '}':
        stack.push(new Map());
        return;
      case 'l':
      case 't':
        stack.push(this.toMark());
        return;
      case 'd': {
        const made = new Map<PickleValue, PickleValue>();
        this.setItems(made, this.toMark(), offset);
        stack.push(made);
        return;
      }
      case '\x85':
        stack.push([this.pop()]);
        return;
      case '\x86':
        stack.push([this.pop(), this.pop()].reverse());
        return;
      case '\x87':
        stack.push([this.pop(), this.pop(), this.pop()].reverse());
        return;
      case 'a': {
        const item = this.pop();
        this.list(offset).push(item);
        return;
      }
      case 'e': {
        const items = this.toMark();
        const list = this.list(offset);
        for (const item of items) list.push(item);
        return;
      }
      case 's': {
        const [value, key] = [this.pop(), this.pop()];
        this.setItems(this.dictionary(offset), [key, value], offset);
        return;
      }
      case 'u': {
        const items = this.toMark();
        this.setItems(this.dictionary(offset), items, offset);
        return;
      }
      case '\x94': // MEMOIZE
        this.memo.push(this.top());
        return;
      case 'q':
        this.remember(this.uint8(), offset);
        return;
      case 'r':
        this.remember(this.uint32(), offset);
        return;
      case 'h':
        stack.push(this.recalled(this.uint8(), offset));
        return;
      case 'j':
        stack.push(this.recalled(this.uint32(), offset));
        return;
      default:
        throw damaged(
          `The pickle has the opcode 0x${code.toString(16)}, which plain data does not need`,
          offset,
        );
    }
  }

  private setItems(into: Map<PickleValue, PickleValue>, items: readonly PickleValue[], offset: number): void {
    if (items.length % 2 === 1) throw damaged('The pickle has a key without a value', offset);
    for (let i = 0; i < items.length; i += 2) into.set(items[i], items[i + 1]);
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === mark) throw damaged('The pickle takes more than it has', this.at);
    return value;
  }

  private top(): PickleValue {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  /** What was pushed since the last mark. */
  private toMark(): PickleValue[] {
    const from = this.stack.lastIndexOf(mark);
    if (from < 0) throw damaged('The pickle has no mark to go back to', this.at);
    const items = this.stack.splice(from).slice(1);
    return items as PickleValue[];
  }

  private list(offset: number): PickleValue[] {
    const top = this.top();
    if (!Array.isArray(top)) throw damaged('The pickle appends to what is no list', offset);
    return top;
  }

  private dictionary(offset: number): Map<PickleValue, PickleValue> {
    const top = this.top();
    if (!(top instanceof Map)) throw damaged('The pickle sets items of what is no dictionary', offset);
    return top;
  }

  /** Pickles number what they remember without gaps. */
  private remember(index: number, offset: number): void {
    if (index > this.memo.length) throw damaged('The pickle remembers out of order', offset);
    this.memo[index] = this.top();
  }

  private recalled(index: number, offset: number): PickleValue {
    if (index >= this.memo.length) throw damaged('The pickle recalls what it never remembered', offset);
    return this.memo[index];
  }

  private text(length: number): string {
    const from = this.take(length);
    try {
      return this.decoder.decode(this.bytes.subarray(from, from + length));
    } catch {
      throw damaged('A text of the pickle is not UTF-8', from);
    }
  }

  private slice(length: number): Uint8Array {
    const from = this.take(length);
    return this.bytes.slice(from, from + length);
  }

  /** Little-endian two's complement. */
  private long(length: number): number | bigint {
    if (length > 16) throw damaged(`The pickle has an integer of ${length} bytes`, this.at);
    const from = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[from + i]);
    const signed = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  private uint8(): number {
    return this.view.getUint8(this.take(1));
  }

  private uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  private length64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }

  /** Goes past `length` bytes and returns where they begin. */
  private take(length: number): number {
    const from = this.at;
    if (from + length > this.bytes.length) throw damaged('The pickle is cut off', this.bytes.length);
    this.at = from + length;
    return from;
  }
}
