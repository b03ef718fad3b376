import type { DType } from '../../graph/dtype';

/** torch._export.serde.schema.ScalarType by number. */
const scalarTypes: Readonly<Record<number, DType>> = {
  1: 'uint8',
  2: 'int8',
  3: 'int16',
  4: 'int32',
  5: 'int64',
  6: 'float16',
  7: 'float32',
  8: 'float64',
  10: 'complex64',
  11: 'complex128',
  12: 'bool',
  13: 'bfloat16',
  28: 'uint16',
  29: 'float8_e4m3fn',
  30: 'float8_e5m2',
  31: 'float8_e4m3fnuz',
  32: 'float8_e5m2fnuz',
  33: 'float8_e8m0fnu',
  34: 'uint32',
  35: 'uint64',
};

/** The element type of a ScalarType number; 'undefined' for those not known. */
export function scalarType(code: number): DType {
  return Object.hasOwn(scalarTypes, code) ? scalarTypes[code] : 'undefined';
}
