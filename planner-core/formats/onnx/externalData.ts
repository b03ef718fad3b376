import { staysInFolder } from '../../base/confinedPath';
import { HeadroomError } from '../../base/errors';
import type { Metadata, TensorProto } from './protoTypes';

/**
 * Where a tensor's payload lies, from the entries of its external_data. The data file need not exist.
 * A location outside the model's folder is 'external-path': such a file could make a tool read anything.
 * Source: https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
 */
export function externalData(
  tensorName: string,
  entries: Metadata,
  byteOffset: number,
): NonNullable<TensorProto['external']> {
  const location = entries.get('location') ?? '';
  if (!staysInFolder(location)) {
    throw new HeadroomError(
      'external-path',
      `Tensor "${tensorName}" has its data in ${JSON.stringify(location)}, outside the model's folder.`,
      'External data must lie in the folder of the model file or below it. Do not trust this file unless you made it.',
      { byteOffset },
    );
  }
  const length = count(entries.get('length'));
  return { location, offset: count(entries.get('offset')) ?? 0, ...(length === undefined ? {} : { length }) };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
}
