import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import { openFile } from '../../../planner-core/node/fileByteSource';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function failure(run: () => unknown): HeadroomError {
  try {
    run();
  } catch (error) {
    if (error instanceof HeadroomError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function fileOf(bytes: Uint8Array): string {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  return path;
}

describe('FileByteSource', () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);

  it('reads ranges anywhere, also longer than its buffer', () => {
    const source = openFile(fileOf(bytes));
    expect(source.size).toBe(bytes.length);
    for (const [offset, length] of [
      [0, 10],
      [70_000, 200_000],
      [5, 65_536],
    ]) {
      expect(source.read(offset, length)).toEqual(bytes.subarray(offset, offset + length));
    }
    source.close();
  });

  it('gives fewer bytes at the end of the file, none beyond it', () => {
    const source = openFile(fileOf(bytes));
    expect(source.read(299_990, 100)).toEqual(bytes.subarray(299_990));
    expect(source.read(300_000, 100)).toHaveLength(0);
    expect(source.read(400_000, 100)).toHaveLength(0);
    source.close();
  });

  it('reports a file that shrinks while it is open', () => {
    const path = fileOf(bytes);
    const source = openFile(path);
    truncateSync(path, 1000);
    expect(failure(() => source.read(900, 200))).toMatchObject({
      code: 'truncated-file',
      where: { file: path, byteOffset: 1000 },
    });
    source.close();
  });

  it('can be closed twice', () => {
    const source = openFile(fileOf(bytes));
    source.close();
    expect(() => source.close()).not.toThrow();
  });

  it('names a file that does not exist and says what to do', () => {
    const path = join(folder, 'missing.onnx');
    const error = failure(() => openFile(path));
    expect(error).toMatchObject({ code: 'file-access', where: { file: path } });
    expect(error.message).toContain(path);
    expect(error.hint).toContain('Check the path');
  });

  it('refuses a folder', () => {
    const error = failure(() => openFile(folder));
    expect(error).toMatchObject({ code: 'file-access', where: { file: folder } });
    expect(error.message).toContain('folder');
  });

  it('refuses a path through a file', () => {
    const error = failure(() => openFile(join(fileOf(bytes), 'below')));
    expect(error.code).toBe('file-access');
  });
});
