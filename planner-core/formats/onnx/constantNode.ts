import type { AttributeProto, TensorProto } from './protoTypes';
import { noMetadata } from './readMetadata';

/** Longer lists are not looked into: shapes do not depend on them. */
const mostElements = 4096;

/** The tensor a Constant node stands for; undefined when it has no attribute that says so. */
export function constantTensor(attributes: readonly AttributeProto[]): TensorProto | undefined {
  for (const { name, value } of attributes) {
    switch (value.kind) {
      case 'tensor':
        if (name === 'value' || name === 'sparse_value') return value.value;
        break;
      case 'int':
      case 'float':
        return list(value.kind === 'int' ? 'int64' : 'float32', [], [value.value]);
      case 'ints':
      case 'floats':
        return list(value.kind === 'ints' ? 'int64' : 'float32', [value.value.length], value.value);
      case 'string':
        return list('string', []);
      case 'strings':
        return list('string', [value.value.length]);
    }
  }
  return undefined;
}

function list(dtype: TensorProto['dtype'], dims: number[], elements?: number[]): TensorProto {
  const kept = elements && elements.length <= mostElements ? elements : undefined;
  return { name: '', dtype, dims, elements: kept, metadata: noMetadata };
}
