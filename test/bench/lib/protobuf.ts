/** Just enough of the protobuf wire format to write models by hand (protobuf.dev/programming-guides/encoding). */

const wireVarint = 0;
const wireBytes = 2;

/** Base-128 number, least group first; up to 2^53. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

export const numberField = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8 + wireVarint), ...varint(value)]);

/** Tag and length of a field whose content, `length` bytes, follows. */
export const headerField = (field: number, length: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8 + wireBytes), ...varint(length)]);

export const bytesField = (field: number, content: Uint8Array): Uint8Array =>
  concat(headerField(field, content.length), content);

export const textField = (field: number, text: string): Uint8Array =>
  bytesField(field, new TextEncoder().encode(text));

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
