import type { DType } from '../../graph/dtype';

/** TensorProto.DataType by number. Source: onnx.proto, IR version 13. */
const dataTypes: readonly DType[] = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8_e4m3fn',
  'float8_e4m3fnuz',
  'float8_e5m2',
  'float8_e5m2fnuz',
  'uint4',
  'int4',
  'float4_e2m1fn',
  'float8_e8m0fnu',
  'uint2',
  'int2',
];

/** Names of the first of them, which is all that operators of old opsets spell out. */
const dataTypeNames: readonly string[] = [
  'UNDEFINED',
  'FLOAT',
  'UINT8',
  'INT8',
  'UINT16',
  'INT16',
  'INT32',
  'INT64',
  'STRING',
  'BOOL',
  'FLOAT16',
  'DOUBLE',
  'UINT32',
  'UINT64',
  'COMPLEX64',
  'COMPLEX128',
];

/** The element type of an ONNX data type number; 'undefined' for those not known yet. */
export function dtypeOf(dataType: number): DType {
  return dataTypes[dataType] ?? 'undefined';
}

/** The element type of a name in TensorProto.DataType ("FLOAT16"); 'undefined' for names of none. */
export function dtypeNamed(name: string): DType {
  return dtypeOf(dataTypeNames.indexOf(name));
}
