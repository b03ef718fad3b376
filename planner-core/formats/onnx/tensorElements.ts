import { bytesOf, type DType } from '../../graph/dtype';

/** The element at `index` of a payload in memory order, little-endian. */
type ElementReader = (view: DataView, index: number) => number;

const bigToNumber = (value: bigint): number => Number(value);

/** IEEE 754 half precision. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a single-precision number. */
function brain(bits: number): number {
  word.setUint16(2, bits, true);
  return word.getFloat32(0, true);
}

/** Sub-byte integers are packed from the low bits up. */
function packed(bits: number, signed: boolean): ElementReader {
  const perByte = 8 / bits;
  return (view, index) => {
    const byte = view.getUint8(Math.floor(index / perByte));
    const value = (byte >> ((index % perByte) * bits)) & ((1 << bits) - 1);
    return signed && value >= 1 << (bits - 1) ? value - (1 << bits) : value;
  };
}

const readers: Partial<Record<DType, ElementReader>> = {
  float64: (view, i) => view.getFloat64(8 * i, true),
  float32: (view, i) => view.getFloat32(4 * i, true),
  float16: (view, i) => half(view.getUint16(2 * i, true)),
  bfloat16: (view, i) => brain(view.getUint16(2 * i, true)),
  int64: (view, i) => bigToNumber(view.getBigInt64(8 * i, true)),
  uint64: (view, i) => bigToNumber(view.getBigUint64(8 * i, true)),
  int32: (view, i) => view.getInt32(4 * i, true),
  uint32: (view, i) => view.getUint32(4 * i, true),
  int16: (view, i) => view.getInt16(2 * i, true),
  uint16: (view, i) => view.getUint16(2 * i, true),
  int8: (view, i) => view.getInt8(i),
  uint8: (view, i) => view.getUint8(i),
  bool: (view, i) => (view.getUint8(i) ? 1 : 0),
  int4: packed(4, true),
  uint4: packed(4, false),
  int2: packed(2, true),
  uint2: packed(2, false),
};

/** Elements of a raw payload; undefined for element types that have no use as constants, or a payload too short. */
export function fromRawData(payload: Uint8Array, dtype: DType, count: number): number[] | undefined {
  const read = readers[dtype];
  if (!read || payload.length < bytesOf(dtype, count)) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.from({ length: count }, (_, index) => read(view, index));
}

/**
 * Elements of a payload given as a list of int32: one entry each for types of a byte or more (the bit pattern for
 * 16-bit floats), one byte of packed elements each for smaller types. undefined when there are too few.
 */
export function fromInt32Data(entries: readonly number[], dtype: DType, count: number): number[] | undefined {
  if (dtype === 'int32') return entries.length >= count ? entries.slice(0, count) : undefined;
  const read = readers[dtype];
  const width = bytesOf(dtype, 1);
  if (!read || width > 2) return undefined;
  const view = new DataView(new ArrayBuffer(entries.length * width));
  entries.forEach((entry, i) => (width === 2 ? view.setUint16(2 * i, entry, true) : view.setUint8(i, entry)));
  return fromRawData(new Uint8Array(view.buffer), dtype, count);
}
