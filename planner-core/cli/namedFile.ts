import { readFileSync } from 'node:fs';
import { HeadroomError } from '../base/errors';
import { accessError } from '../node/fileByteSource';
import type { Plan } from '../plan/plan';
import { parsePlan } from '../plan/readPlan';

/** The bytes of a file that the command line names. Throws 'file-access'; `hint` says what else may be given. */
export function readBytes(path: string, hint?: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message, hint: usual, where } = accessError(path, error);
    throw new HeadroomError(code, message, hint ?? usual, where);
  }
}

/** The text of a file that the command line names. Throws as `readBytes` does. */
export const readTextFile = (path: string, hint?: string): string => readBytes(path, hint).toString('utf8');

/** The plan file that the command line names. Throws 'file-access' and, naming the file, 'bad-plan'. */
export function readPlanFile(path: string): Plan {
  const text = readTextFile(path);
  if (!text.trimStart().startsWith('{'))
    throw new HeadroomError(
      'bad-plan',
      `${path} is no plan file.`,
      'headroom plan MODEL --out FILE writes one.',
      {
        file: path,
      },
    );
  return inFile(path, () => parsePlan(text));
}

/** Runs `read`, and says in its errors which file they are about. */
export function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HeadroomError)) throw error;
    throw new HeadroomError(error.code, error.message, error.hint, { ...error.where, file: path });
  }
}
