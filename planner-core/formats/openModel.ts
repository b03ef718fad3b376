import { HeadroomError } from '../base/errors';
import type { ByteSource } from '../bytes/byteSource';
import type { ModelGraph } from '../graph/modelGraph';
import { openOnnx } from './onnx/openOnnx';

/** Reads the structure of a model file, whatever its format. */
export function openModel(source: ByteSource, fileName: string): ModelGraph {
  if (source.size === 0) {
    throw new HeadroomError('empty-file', `${fileName} is empty.`, 'Export the model again.', {
      file: fileName,
    });
  }
  return openOnnx(source);
}
