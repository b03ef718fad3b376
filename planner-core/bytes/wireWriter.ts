import { WireType } from './wireReader';

const text = new TextEncoder();

/** A whole number of at most 53 bits, not negative, as a base-128 varint. */
function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** The tag of a field that is `length` bytes long (text, bytes, a message), and the length. */
export const lengthPrefix = (field: number, length: number): Uint8Array =>
  concatenated([varintBytes(field * 8 + WireType.bytes), varintBytes(length)]);

/** A whole number, not negative. */
export const intField = (field: number, value: number): Uint8Array =>
  concatenated([varintBytes(field * 8 + WireType.varint), varintBytes(value)]);

export const stringField = (field: number, value: string): Uint8Array =>
  messageField(field, [text.encode(value)]);

/** A message of fields that are already encoded. */
export function messageField(field: number, fields: readonly Uint8Array[]): Uint8Array {
  const content = concatenated(fields);
  return concatenated([lengthPrefix(field, content.length), content]);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
