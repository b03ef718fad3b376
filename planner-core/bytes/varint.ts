import { malformed } from './malformed';
import type { ByteWindow } from './byteWindow';

const two32 = 2 ** 32;

/** A decoded base-128 varint and where the next field starts. */
export interface Varint {
  /** As a signed 64-bit integer; beyond 2^53 rounded to the nearest double. */
  value: number;
  next: number;
}

/**
 * Decodes the protobuf varint at `offset` into `into` (reused: one file holds hundreds of thousands of them).
 * Source: https://protobuf.dev/programming-guides/encoding/#varints
 */
export function readVarint(window: ByteWindow, offset: number, into: Varint): void {
  const first = window.byteAt(offset);
  if (first < 0x80) {
    into.value = first;
    into.next = offset + 1;
    return;
  }
  let low = first & 0x7f;
  let high = 0;
  for (let i = 1; i < 10; i++) {
    const byte = window.byteAt(offset + i);
    const bits = byte & 0x7f;
    if (i < 4) low |= bits << (7 * i);
    else if (i === 4) {
      low |= bits << 28;
      high = bits >>> 4;
    } else high |= bits << (7 * i - 32);
    if (byte < 0x80) {
      into.value = high * two32 + (low >>> 0);
      into.next = offset + i + 1;
      return;
    }
  }
  throw malformed('a number has more than ten bytes', offset);
}
