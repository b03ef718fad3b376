import { malformed } from '../../bytes/malformed';
import type { WireReader } from '../../bytes/wireReader';
import { bytesOf, isFloat } from '../../graph/dtype';
import { dtypeOf } from './dataTypes';
import { externalData } from './externalData';
import type { TensorProto } from './protoTypes';
import { noMetadata, withMetadataEntry } from './readMetadata';
import { fromInt32Data, fromRawData } from './tensorElements';

/** Shapes, axes, masks: integer tensors up to this many elements are read. */
const mostIntegerElements = 4096;
/** Ratios, scales, clip bounds: floating-point tensors up to this many elements are read. */
const mostFloatElements = 16;

/** What the payload fields hold, noted until type and sizes are known: fields may come in any order. */
interface Payload {
  floats: number[];
  int32s: number[];
  int64s: number[];
  raw?: { start: number; length: number };
}

/** Reads a TensorProto: its declaration, and its elements where they are few enough to matter for shapes. */
export function readTensor(reader: WireReader): TensorProto {
  const payload: Payload = { floats: [], int32s: [], int64s: [] };
  let externalEntries = noMetadata;
  const tensor: TensorProto = { name: '', dtype: 'undefined', dims: [], metadata: noMetadata };
  let isExternal = false;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.ints(tensor.dims);
        break;
      case 2:
        tensor.dtype = dtypeOf(reader.int());
        break;
      case 4:
        reader.floats(payload.floats, mostFloatElements);
        break;
      case 5:
        reader.ints(payload.int32s, mostIntegerElements);
        break;
      case 7:
      case 11:
        reader.ints(payload.int64s, mostIntegerElements);
        break;
      case 8:
        tensor.name = reader.string();
        break;
      case 9:
        payload.raw = { start: reader.start, length: reader.length };
        break;
      case 10:
        reader.doubles(payload.floats, mostFloatElements);
        break;
      case 13:
        externalEntries = withMetadataEntry(externalEntries, reader.message());
        break;
      case 14:
        isExternal = reader.int() === 1;
        break;
      case 16:
        tensor.metadata = withMetadataEntry(tensor.metadata, reader.message());
        break;
    }
  }
  if (tensor.dims.some((dim) => dim < 0)) {
    throw malformed(`tensor "${tensor.name}" has a negative size`, reader.end);
  }
  if (isExternal) tensor.external = externalData(tensor.name, externalEntries, reader.end);
  else tensor.elements = elementsOf(tensor, payload, reader);
  return tensor;
}

function elementsOf(
  { dtype, dims }: TensorProto,
  payload: Payload,
  reader: WireReader,
): number[] | undefined {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (count > (isFloat(dtype) ? mostFloatElements : mostIntegerElements)) return undefined;
  if (payload.raw) {
    const length = Math.min(payload.raw.length, bytesOf(dtype, count));
    return fromRawData(reader.copy(payload.raw.start, length), dtype, count);
  }
  switch (dtype) {
    case 'float32':
    case 'float64':
      return exactly(payload.floats, count);
    case 'int64':
    case 'uint64':
    case 'uint32':
      return exactly(payload.int64s, count);
    default:
      return fromInt32Data(payload.int32s, dtype, count);
  }
}

const exactly = (list: number[], count: number): number[] | undefined =>
  list.length === count ? list : undefined;
