import type { WireReader } from '../../bytes/wireReader';
import type { DType } from '../../graph/dtype';
import { dtypeOf } from './dataTypes';
import type { DimProto, ValueInfoProto } from './protoTypes';
import { noMetadata, withMetadataEntry } from './readMetadata';

type DeclaredType = Pick<ValueInfoProto, 'dtype' | 'dims'>;

/** Reads a ValueInfoProto: a value's name with its declared type. */
export function readValueInfo(reader: WireReader): ValueInfoProto {
  const value: ValueInfoProto = { name: '', metadata: noMetadata };
  while (reader.next()) {
    if (reader.field === 1) value.name = reader.string();
    else if (reader.field === 2) Object.assign(value, readType(reader.message()));
    else if (reader.field === 4) value.metadata = withMetadataEntry(value.metadata, reader.message());
  }
  return value;
}

/**
 * Reads a TypeProto. Sparse tensors count as dense ones, an optional as what it may hold; of a sequence only the element
 * type is kept, because its tensors need not have one shape. Maps and opaque types are unknown.
 */
function readType(reader: WireReader): DeclaredType {
  let declared: DeclaredType = {};
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 8) declared = readTensorType(reader.message());
    else if (reader.field === 4) declared = { dtype: readElementType(reader.message()).dtype };
    else if (reader.field === 9) declared = readElementType(reader.message());
  }
  return declared;
}

/** Reads TypeProto.Sequence and TypeProto.Optional: field 1 is the type inside. */
function readElementType(reader: WireReader): DeclaredType {
  let declared: DeclaredType = {};
  while (reader.next()) {
    if (reader.field === 1) declared = readType(reader.message());
  }
  return declared;
}

function readTensorType(reader: WireReader): DeclaredType {
  let dtype: DType | undefined;
  let dims: DimProto[] | undefined;
  while (reader.next()) {
    if (reader.field === 1) dtype = dtypeOf(reader.int());
    else if (reader.field === 2) dims = readShape(reader.message());
  }
  return { dtype: dtype === 'undefined' ? undefined : dtype, dims };
}

function readShape(reader: WireReader): DimProto[] {
  const dims: DimProto[] = [];
  while (reader.next()) {
    if (reader.field === 1) dims.push(readDim(reader.message()));
  }
  return dims;
}

/** Negative sizes and empty names are how some tools write "unknown". */
function readDim(reader: WireReader): DimProto {
  let dim: DimProto;
  while (reader.next()) {
    if (reader.field === 1) dim = reader.int() >= 0 ? reader.int() : undefined;
    else if (reader.field === 2) dim = reader.string() || undefined;
  }
  return dim;
}
