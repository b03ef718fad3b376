import { writeFileSync, renameSync, rmSync } from 'node:fs';
import { HeadroomError, type ErrorValue } from '../base/errors';

/** Ends the command where nobody reads its result any more, as `head` does after some lines. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

/** Writes a line of the result. */
export function result(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes a message for the person at the terminal. */
export function message(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Writes what the person should know before using the result. */
export function warnings(texts: readonly string[]): void {
  for (const text of texts) message(`warning: ${text}`);
}

/** An error in lines: what, where unless that was just said, what to do. */
export function errorText(error: ErrorValue): string {
  const { file, node, byteOffset } = error.where ?? {};
  const where = [
    file && !error.message.startsWith(file) && `file ${file}`,
    node && !error.message.endsWith(` ${node}.`) && `node ${node}`,
    byteOffset !== undefined && `byte ${byteOffset}`,
  ].filter(Boolean);
  return [
    `${error.code}: ${error.message}`,
    ...(where.length > 0 ? [`  at ${where.join(', ')}`] : []),
    ...(error.hint ? [`  ${error.hint}`] : []),
  ].join('\n');
}

/** Writes a file whole or not at all: to a temporary name beside it, then renamed. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new HeadroomError('file-access', `Cannot write ${path}: ${reason}`, 'Choose another place.', {
      file: path,
    });
  }
}

/** A number as tables have it: signed, with a unit, or `up to` so much, `so much or more`; dashes stand for none. */
const numeric = /^(up to |× ?)?[+−-]?\d[\d.,]*( ?(%|[kKMGTP]?i?B|[GM]B\/s|[mµ]?s|[kmµM]?[Jg]))?$|^[-–]?$/;

/**
 * A table: columns of numbers are aligned right, with their heading in the first row, columns of words left. The first
 * column names the rows.
 */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = rows[0].map((_, column) => rows.map((row) => row[column]));
  const widths = columns.map((cells) => Math.max(...cells.map(({ length }) => length)));
  const isRight = columns.map(
    ([, ...cells], column) => column > 0 && cells.some(Boolean) && cells.every((cell) => numeric.test(cell)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => (isRight[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
