import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { HeadroomError } from '../base/errors';
import type { ByteSource } from '../bytes/byteSource';
import type { ModelCopy } from '../exporters/targets';

/** Copied at a time: weights pass through in parts, however large the model is. */
const chunkBytes = 4 * 1024 * 1024;

/** Writes a copy of a model whole or not at all. Throws 'file-access'. */
export function writeModelCopy(path: string, source: ByteSource, pieces: ModelCopy['pieces']): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const descriptor = openSync(temporary, 'wx');
    try {
      for (const piece of pieces) {
        if (piece instanceof Uint8Array) writeAll(descriptor, piece);
        else
          for (let at = 0; at < piece.length; at += chunkBytes)
            writeAll(descriptor, source.read(piece.offset + at, Math.min(chunkBytes, piece.length - at)));
      }
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new HeadroomError('file-access', `Cannot write ${path}: ${reason}`, 'Choose another place.', {
      file: path,
    });
  }
}

/** Are the two names one file, through links of any kind? */
export function isSameFile(path: string, other: string): boolean {
  const [a, b] = [path, other].map((name) => statSync(name, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at, bytes.length - at);
}
