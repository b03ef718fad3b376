import { HeadroomError } from '../base/errors';

const hint =
  'Read are traces of the PyTorch profiler, profiles of ONNX Runtime, snapshots of torch.cuda.memory, and CSV: docs/measurements.md.';

/** The error for a file of measurements that is not what it seems to be. */
export const damaged = (what: string, byteOffset?: number): HeadroomError =>
  new HeadroomError(
    'bad-measurements',
    `${what}.`,
    hint,
    byteOffset === undefined ? undefined : { byteOffset },
  );

/** The error for a file that takes more than it should. */
export const tooMuch = (what: string): HeadroomError =>
  new HeadroomError(
    'limit-exceeded',
    `${what}.`,
    'Record one or two steps only: that is all that is needed.',
  );
