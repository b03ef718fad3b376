import { HeadroomError } from '../base/errors';
import type { ByteSource } from './byteSource';
import { ByteWindow, truncated } from './byteWindow';
import { malformed } from './malformed';
import { readVarint, type Varint } from './varint';

/** How a protobuf value is encoded. Source: https://protobuf.dev/programming-guides/encoding/#structure */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Messages nested deeper than this are refused, as protobuf's own parsers do. */
export const maximumNesting = 100;
/** Longest text that is read: names and small attributes; payloads are never read as text. */
export const maximumStringBytes = 4 * 1024 * 1024;

const scratch = new DataView(new ArrayBuffer(8));
/** The number decoded last; shared, because a file has as many readers as messages. */
const scanned: Varint = { value: 0, next: 0 };

/**
 * Reads one protobuf message field by field: `while (reader.next()) switch (reader.field) {...}`. Whatever is not asked
 * for is skipped by seeking, so unknown fields and tensor payloads cost nothing. Every error is a HeadroomError with a
 * byteOffset: 'truncated-file' when the file ends too early, 'malformed-file' when a value leaves its message,
 * 'limit-exceeded' when messages nest too deeply.
 */
export class WireReader {
  /** Number of the current field. */
  field = 0;
  /** Encoding of the current field. */
  wireType: number = WireType.varint;
  /** First byte of the current value. */
  start = 0;
  /** First byte after the current value. */
  end = 0;

  private position: number;
  private varintValue = 0;

  private constructor(
    private readonly window: ByteWindow,
    from: number,
    private readonly limit: number,
    private readonly depth: number,
  ) {
    this.position = from;
  }

  /** A reader of the message that is the whole source. */
  static over(source: ByteSource): WireReader {
    return new WireReader(new ByteWindow(source), 0, source.size, 0);
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.position >= this.limit) return false;
    const tagAt = this.position;
    const tag = this.varintAt(tagAt);
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field < 1 || this.field > 0x1fffffff) {
      throw malformed(`${tag} is no field tag`, tagAt);
    }
    this.start = scanned.next;
    this.end = this.endOfValue(tagAt);
    this.position = this.end;
    return true;
  }

  /** Bytes of the current value. */
  get length(): number {
    return this.end - this.start;
  }

  /** The current value as a signed 64-bit integer (bool, enum, int32, int64); beyond 2^53 rounded. */
  int(): number {
    this.expect(WireType.varint);
    return this.varintValue;
  }

  float(): number {
    this.expect(WireType.fixed32);
    return this.fixed32At(this.start);
  }

  double(): number {
    this.expect(WireType.fixed64);
    return this.fixed64At(this.start);
  }

  string(): string {
    this.expect(WireType.bytes);
    if (this.length > maximumStringBytes) {
      throw new HeadroomError(
        'limit-exceeded',
        `The file has a text of ${this.length} bytes, where names are due (at byte ${this.start}).`,
        'The file is probably damaged: export the model again.',
        { byteOffset: this.start },
      );
    }
    return this.window.text(this.start, this.length);
  }

  /** A copy of `length` bytes from `offset` on; the caller knows that they are few and within the message. */
  copy(offset: number, length: number): Uint8Array {
    return this.window.range(offset, length).slice();
  }

  /** A reader of the current value as a message. Reading it does not move this reader. */
  message(): WireReader {
    this.expect(WireType.bytes);
    if (this.depth >= maximumNesting) {
      throw new HeadroomError(
        'limit-exceeded',
        `The file nests messages more than ${maximumNesting} deep (at byte ${this.start}).`,
        'No exporter writes such files: it is damaged or made up.',
        { byteOffset: this.start },
      );
    }
    return new WireReader(this.window, this.start, this.end, this.depth + 1);
  }

  /** Appends the integers of a repeated field, packed or not, until `into` holds `limit` of them. */
  ints(into: number[], limit = Infinity): void {
    if (this.wireType === WireType.varint) {
      if (into.length < limit) into.push(this.varintValue);
      return;
    }
    this.expect(WireType.bytes);
    for (let at = this.start; at < this.end && into.length < limit; at = scanned.next) {
      into.push(this.varintAt(at));
      if (scanned.next > this.end) throw malformed('a number leaves its list', at);
    }
  }

  /** Appends the single-precision numbers of a repeated field, packed or not, until `into` holds `limit` of them. */
  floats(into: number[], limit = Infinity): void {
    this.fixed(into, limit, WireType.fixed32, 4, (at) => this.fixed32At(at));
  }

  /** Appends the double-precision numbers of a repeated field, packed or not, until `into` holds `limit` of them. */
  doubles(into: number[], limit = Infinity): void {
    this.fixed(into, limit, WireType.fixed64, 8, (at) => this.fixed64At(at));
  }

  private fixed(
    into: number[],
    limit: number,
    single: number,
    size: number,
    valueAt: (offset: number) => number,
  ): void {
    if (this.wireType !== single) {
      this.expect(WireType.bytes);
      if (this.length % size !== 0) throw malformed('a list of numbers has a fraction of one', this.start);
    }
    for (let at = this.start; at < this.end && into.length < limit; at += size) into.push(valueAt(at));
  }

  private endOfValue(tagAt: number): number {
    switch (this.wireType) {
      case WireType.varint:
        this.varintValue = this.varintAt(this.start);
        return this.within(scanned.next, tagAt);
      case WireType.fixed64:
        return this.within(this.start + 8, tagAt);
      case WireType.fixed32:
        return this.within(this.start + 4, tagAt);
      case WireType.bytes: {
        const length = this.varintAt(this.start);
        this.start = scanned.next;
        if (length < 0) throw malformed('a field has a negative length', tagAt);
        return this.within(this.start + length, tagAt);
      }
      default:
        throw malformed(`field ${this.field} has the unknown encoding ${this.wireType}`, tagAt);
    }
  }

  private within(end: number, tagAt: number): number {
    if (end <= this.limit) return end;
    // Inner messages were found to lie within the file when they were entered.
    if (this.depth === 0) throw truncated(this.window.size);
    throw malformed(`field ${this.field} is longer than the message around it`, tagAt);
  }

  private varintAt(offset: number): number {
    readVarint(this.window, offset, scanned);
    return scanned.value;
  }

  private fixed32At(offset: number): number {
    for (let i = 0; i < 4; i++) scratch.setUint8(i, this.window.byteAt(offset + i));
    return scratch.getFloat32(0, true);
  }

  private fixed64At(offset: number): number {
    for (let i = 0; i < 8; i++) scratch.setUint8(i, this.window.byteAt(offset + i));
    return scratch.getFloat64(0, true);
  }

  private expect(wireType: number): void {
    if (this.wireType !== wireType) {
      throw malformed(
        `field ${this.field} has the encoding ${this.wireType} instead of ${wireType}`,
        this.start,
      );
    }
  }
}
