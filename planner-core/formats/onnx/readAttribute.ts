import { maximumStringBytes, type WireReader } from '../../bytes/wireReader';
import type { AttributeProto, AttributeProtoValue, GraphProto, TensorProto } from './protoTypes';
import { noMetadata } from './readMetadata';
import { readTensor } from './readTensor';

/** AttributeProto.AttributeType, as far as it has to be told apart. */
const declaredKinds: Readonly<Record<number, AttributeProtoValue['kind']>> = {
  1: 'float',
  2: 'int',
  3: 'string',
  4: 'tensor',
  5: 'graph',
  6: 'floats',
  7: 'ints',
  8: 'strings',
};

/** Longer lists (decision trees, embedded tables) are not kept: no shape depends on them. */
const longestList = 65_536;

/**
 * Reads an AttributeProto. Old files leave its type out: then the field that is present decides. `readBody` reads the
 * graph that an attribute may hold (messages nest both ways).
 */
export function readAttribute(
  reader: WireReader,
  readBody: (reader: WireReader) => GraphProto,
): AttributeProto {
  let name = '';
  let reference = '';
  let declared: AttributeProtoValue['kind'] | undefined;
  let single: AttributeProtoValue | undefined;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        name = reader.string();
        break;
      case 2:
        single = { kind: 'float', value: reader.float() };
        break;
      case 3:
        single = { kind: 'int', value: reader.int() };
        break;
      case 4:
        single = readString(reader);
        break;
      case 5:
        single = { kind: 'tensor', value: readTensor(reader.message()) };
        break;
      case 6:
        single = { kind: 'graph', value: readBody(reader.message()) };
        break;
      case 7:
        reader.floats(floats, longestList + 1);
        break;
      case 8:
        reader.ints(ints, longestList + 1);
        break;
      case 9:
        if (strings.length <= longestList) strings.push(reader.string());
        break;
      case 10:
      case 11:
        single = { kind: 'other', value: reader.field === 10 ? 'tensors' : 'graphs' };
        break;
      case 14:
      case 15:
        single = { kind: 'other', value: 'type' };
        break;
      case 20:
        declared = declaredKinds[reader.int()];
        break;
      case 21:
        reference = reader.string();
        break;
      case 22:
        single = { kind: 'tensor', value: readSparseTensor(reader.message()) };
        break;
      case 23:
        single = { kind: 'other', value: 'sparse tensors' };
        break;
    }
  }
  let value = single ?? absentValue(declared);
  if (declared === 'ints' || ints.length > 0) value = { kind: 'ints', value: ints };
  else if (declared === 'floats' || floats.length > 0) value = { kind: 'floats', value: floats };
  else if (declared === 'strings' || strings.length > 0) value = { kind: 'strings', value: strings };
  if (Array.isArray(value.value) && value.value.length > longestList) {
    value = { kind: 'other', value: `more than ${longestList} ${value.kind}` };
  }
  return { name, reference, value };
}

/** proto3 leaves zeros and empty texts out of the file. */
function absentValue(declared: AttributeProtoValue['kind'] | undefined): AttributeProtoValue {
  switch (declared) {
    case 'int':
    case 'float':
      return { kind: declared, value: 0 };
    case 'string':
      return { kind: 'string', value: '' };
    default:
      return { kind: 'other', value: 'nothing' };
  }
}

/** Compiled engines and other blobs hide in string attributes: they are skipped like weights. */
function readString(reader: WireReader): AttributeProtoValue {
  if (reader.length > maximumStringBytes) return { kind: 'other', value: `${reader.length} bytes` };
  return { kind: 'string', value: reader.string() };
}

/**
 * Reads a SparseTensorProto as the dense tensor it stands for: the name and type of its values, its own dims. Elements
 * are not kept.
 */
export function readSparseTensor(reader: WireReader): TensorProto {
  let values: TensorProto | undefined;
  const dims: number[] = [];
  while (reader.next()) {
    if (reader.field === 1) values = readTensor(reader.message());
    else if (reader.field === 3) reader.ints(dims);
  }
  return {
    name: values?.name ?? '',
    dtype: values?.dtype ?? 'undefined',
    dims,
    external: values?.external,
    metadata: values?.metadata ?? noMetadata,
  };
}
