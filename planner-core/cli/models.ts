import { basename } from 'node:path';
import { toErrorValue, HeadroomError } from '../base/errors';
import { openFile } from '../node/fileByteSource';
import { PlannerSession } from '../session/plannerSession';
import { errorText, message, result } from './output';

/** Opens a model file; the file is closed before this returns, because only structure is kept. */
export function openModelFile(path: string): PlannerSession {
  const source = openFile(path);
  try {
    return PlannerSession.open(source, basename(path));
  } catch (error) {
    throw withFile(error, path);
  } finally {
    source.close();
  }
}

function withFile(error: unknown, file: string): unknown {
  if (!(error instanceof HeadroomError)) return error;
  return new HeadroomError(error.code, error.message, error.hint, { ...error.where, file });
}

/**
 * Runs a command over several files. With --json and several files, each result is one line with its `file`, and a file
 * that fails becomes `{file, error}` without stopping the rest. Returns the exit code.
 */
export async function overFiles(
  files: readonly string[],
  json: boolean,
  run: (file: string) => Promise<{ value: object; text: string; exitCode?: number }>,
): Promise<number> {
  let exitCode = 0;
  for (const file of files) {
    try {
      const { value, text, exitCode: code = 0 } = await run(file);
      exitCode = Math.max(exitCode, code);
      if (!json) result(files.length > 1 ? `${file}\n${text}\n` : text);
      else if (files.length > 1) result(JSON.stringify({ file, ...value }));
      else result(JSON.stringify(value, undefined, 2));
    } catch (thrown) {
      if (files.length === 1) throw thrown;
      const error = toErrorValue(thrown);
      exitCode = 2;
      if (json) result(JSON.stringify({ file, error }));
      else message(`${file}\n${errorText(error)}`);
    }
  }
  return exitCode;
}
