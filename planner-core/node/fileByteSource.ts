import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../bytes/byteSource';
import { HeadroomError } from '../base/errors';

/** A file that is read in place, piece by piece: what opening a model of any size needs. */
class FileByteSource implements ByteSource {
  private buffer = new Uint8Array(64 * 1024);
  private closed = false;

  constructor(
    private readonly descriptor: number,
    private readonly path: string,
    readonly size: number,
  ) {}

  read(offset: number, length: number): Uint8Array {
    const due = Math.max(0, Math.min(length, this.size - offset));
    if (due > this.buffer.length) this.buffer = new Uint8Array(due);
    let got = 0;
    while (got < due) {
      const count = this.readSome(got, due - got, offset + got);
      if (count === 0) throw this.shrunk(offset + got);
      got += count;
    }
    return this.buffer.subarray(0, due);
  }

  /** Closes the file; a second call does nothing. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    closeSync(this.descriptor);
  }

  private readSome(into: number, length: number, position: number): number {
    try {
      return readSync(this.descriptor, this.buffer, into, length, position);
    } catch (error) {
      throw accessError(this.path, error);
    }
  }

  private shrunk(byteOffset: number): HeadroomError {
    return new HeadroomError(
      'truncated-file',
      `${this.path} became shorter while it was read: it ends at byte ${byteOffset}.`,
      'Something is writing the file: open it again when that is done.',
      { file: this.path, byteOffset },
    );
  }
}

/** Opens a file for reading; the caller closes it. Fails with 'file-access'. */
export function openFile(path: string): FileByteSource {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw accessError(path, error);
  }
  try {
    const status = fstatSync(descriptor);
    if (status.isFile()) return new FileByteSource(descriptor, path, status.size);
    const what = status.isDirectory() ? 'a folder' : 'not a regular file';
    throw new HeadroomError('file-access', `${path} is ${what}.`, 'Choose a model file.', { file: path });
  } catch (error) {
    closeSync(descriptor);
    throw error instanceof HeadroomError ? error : accessError(path, error);
  }
}

const explanations: Record<string, readonly [what: string, hint: string]> = {
  ENOENT: ['does not exist', 'Check the path.'],
  ENOTDIR: ['does not exist', 'Check the path: a part of it is a file, not a folder.'],
  EACCES: ['may not be read', 'Give yourself permission to read the file.'],
  EPERM: ['may not be read', 'Give yourself permission to read the file.'],
  EISDIR: ['is a folder', 'Choose a file in it.'],
  EMFILE: ['cannot be opened: too many files are open', 'Close some editors and try again.'],
};

/** Why a file could not be opened or read, as 'file-access'. */
export function accessError(path: string, error: unknown): HeadroomError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [what, hint] = explanations[code] ?? [
    `cannot be read (${error instanceof Error ? error.message : String(error)})`,
    'Check that the file and the disk it is on are available.',
  ];
  return new HeadroomError('file-access', `${path} ${what}.`, hint, { file: path });
}
