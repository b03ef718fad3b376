import { HeadroomError } from '../base/errors';
import type { ByteSource } from '../bytes/byteSource';
import type { ModelGraph } from '../graph/modelGraph';
import { detectFormat } from './detectFormat';
import { openOnnx } from './onnx/openOnnx';
import { openPt2 } from './pt2/openPt2';

/**
 * Reads the structure of a model file, never its weights. The format shows in the content; the name only helps to word
 * errors. Every failure is a HeadroomError: 'empty-file', 'not-a-model', 'unsupported-format', 'truncated-file',
 * 'malformed-file', 'limit-exceeded', 'cyclic-graph', 'external-path' or what the source itself reports.
 */
export function openModel(source: ByteSource, fileName: string): ModelGraph {
  try {
    return detectFormat(source, fileName) === 'pt2' ? openPt2(source) : openOnnx(source);
  } catch (error) {
    if (!(error instanceof HeadroomError)) throw error;
    throw new HeadroomError(error.code, error.message, error.hint, { file: fileName, ...error.where });
  }
}
