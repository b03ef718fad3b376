import { deflateSync } from 'fflate';
import { crc32 } from '../../../planner-core/bytes/zip/crc32';

/** One file to put into an archive; `fields` replaces what its directory entry says. */
export interface ZipFile {
  readonly name: string;
  readonly content: Uint8Array | string;
  readonly deflated?: boolean;
  readonly fields?: Partial<DirectoryFields>;
  /** Bytes of padding in the local header, as PyTorch aligns data. */
  readonly padding?: number;
}

interface DirectoryFields {
  method: number;
  flags: number;
  crc32: number;
  compressedBytes: number;
  bytes: number;
  headerOffset: number;
}

export interface ZipOptions {
  /** Sizes and offsets in zip64 fields, whether or not they need them. */
  readonly zip64?: boolean;
  readonly comment?: string;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Little-endian numbers of the given widths in bytes. */
function packed(...fields: readonly (readonly [width: 2 | 4 | 8, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Writes a zip archive, sound or with whatever lies a test wants in its directory. */
export function zipArchive(
  files: readonly ZipFile[],
  { zip64 = false, comment = '' }: ZipOptions = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, content, deflated = false, fields, padding = 0 } of files) {
    const bytes = typeof content === 'string' ? encode(content) : content;
    const data = deflated ? deflateSync(bytes) : bytes;
    const entry: DirectoryFields = {
      method: deflated ? 8 : 0,
      flags: 0,
      crc32: crc32(bytes),
      compressedBytes: data.length,
      bytes: bytes.length,
      headerOffset: offset,
      ...fields,
    };
    const path = encode(name);
    const header = joined([
      packed([4, 0x04034b50], [2, 20], [2, 0], [2, entry.method], [4, 0], [4, 0], [4, 0], [4, 0]),
      packed([2, path.length], [2, padding]),
      path,
      new Uint8Array(padding),
    ]);
    parts.push(header, data);
    offset += header.length + data.length;
    directory.push(directoryEntry(path, entry, zip64));
  }
  const listed = joined(directory);
  const end = [
    [8, files.length],
    [8, files.length],
    [8, listed.length],
    [8, offset],
  ] as const;
  const record = packed([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], ...end);
  const locator = packed([4, 0x07064b50], [4, 0], [8, offset + listed.length], [4, 1]);
  const [count, length, start] = zip64
    ? [0xffff, 0xffffffff, 0xffffffff]
    : [files.length, listed.length, offset];
  const tail = packed([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, length], [4, start]);
  return joined([
    ...parts,
    listed,
    ...(zip64 ? [record, locator] : []),
    tail,
    packed([2, comment.length]),
    encode(comment),
  ]);
}

function directoryEntry(path: Uint8Array, entry: DirectoryFields, zip64: boolean): Uint8Array {
  const sizes = [entry.bytes, entry.compressedBytes, entry.headerOffset];
  const [bytes, compressed, headerOffset] = zip64 ? sizes.map(() => 0xffffffff) : sizes;
  const extra = zip64
    ? packed([2, 1], [2, 24], [8, sizes[0]], [8, sizes[1]], [8, sizes[2]])
    : new Uint8Array();
  return joined([
    packed([4, 0x02014b50], [2, 20], [2, 20], [2, entry.flags], [2, entry.method], [4, 0], [4, entry.crc32]),
    packed([4, compressed], [4, bytes], [2, path.length], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, 0]),
    packed([4, headerOffset]),
    path,
    extra,
  ]);
}
