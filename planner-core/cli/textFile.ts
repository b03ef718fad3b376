import { readFileSync } from 'node:fs';
import { HeadroomError } from '../base/errors';

/** The text of a file that the command line names. Throws 'file-access', saying what kind of file was wanted. */
export function readTextFile(path: string, wanted: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HeadroomError('file-access', `Cannot read ${path}: ${reason}`, `Give the path of ${wanted}.`, {
      file: path,
    });
  }
}
