import type { Job } from '../base/job';
import type { ByteSource } from '../bytes/byteSource';
import { damaged, tooMuch } from './damaged';
import { readCsv } from './csvMeasurements';
import { gunzip, isGzip } from './gunzip';
import type { MeasuredRun } from './measuredRun';
import { readMemorySnapshot } from './memorySnapshot';
import { readOnnxRuntimeProfile } from './onnxRuntimeProfile';
import { isPickle } from './pickle';
import { readPytorchTrace } from './pytorchTrace';

/** A file of measurements with its base name. */
export interface MeasurementFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Largest file, and most that one unpacks to. */
export const maxMeasurementBytes = 512 * 2 ** 20;

/** All of a file; of one that is too large no more than shows it. */
export const wholeFile = (source: ByteSource, name: string): MeasurementFile => ({
  name,
  bytes: source.read(0, Math.min(source.size, maxMeasurementBytes + 1)).slice(),
});

/** Is it a trace or a profile, packed or not, and no table? What it is made of is not looked at. */
export const isTrace = (content: Uint8Array): boolean =>
  isGzip(content) || firstCharacter(content) === '{' || firstCharacter(content) === '[';

/**
 * Reads a file of measurements, whatever its kind: what it is shows in its first bytes. Throws 'bad-measurements', 'limit-exceeded', and
 * 'cancelled' when the job is.
 */
export async function readMeasurements(content: Uint8Array, file: string, job: Job): Promise<MeasuredRun> {
  if (content.length === 0) throw damaged('The file is empty', 0);
  if (content.length > maxMeasurementBytes) throw tooMuch(`The file takes ${content.length} bytes`);
  const bytes = isGzip(content) ? await gunzip(content, maxMeasurementBytes, job) : content;
  if (isPickle(bytes)) return readMemorySnapshot(bytes, file, job);
  switch (firstCharacter(bytes)) {
    case '{':
      return readPytorchTrace(bytes, file, job);
    case '[':
      return readOnnxRuntimeProfile(bytes, file, job);
    default:
      return readCsv(decoded(bytes), file);
  }
}

const firstCharacter = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes.subarray(0, 256)).trimStart().charAt(0);

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw damaged('The file is no trace, no profile, no snapshot and no text');
  }
}
