import { HeadroomError } from '../base/errors';

/** The bytes contradict the format. `what` completes "The file is damaged: ...". */
export function malformed(what: string, byteOffset: number): HeadroomError {
  return new HeadroomError(
    'malformed-file',
    `The file is damaged: ${what} (at byte ${byteOffset}).`,
    'Export the model again, or check it with onnx.checker.',
    { byteOffset },
  );
}
