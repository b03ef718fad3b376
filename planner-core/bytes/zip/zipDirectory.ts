import { HeadroomError } from '../../base/errors';
import type { ByteSource } from '../byteSource';
import { readExactly } from './readExactly';

/** One file in a zip archive, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated; others are not read. */
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Where its local header begins. */
  readonly headerOffset: number;
  /** Where the next entry, or the directory, begins: its data end before. */
  readonly endOffset: number;
}

/** A directory this long lists far more entries than any model has tensors. */
const longestDirectory = 64 * 1024 * 1024;
/** The end record and the longest comment behind it. */
const longestTail = 22 + 0xffff;

const endSignature = 0x06054b50;
const zip64LocatorSignature = 0x07064b50;
const zip64EndSignature = 0x06064b50;
const entrySignature = 0x02014b50;
const full32 = 0xffffffff;
const full16 = 0xffff;

/**
 * Reads the central directory of a zip archive (APPNOTE.TXT 4.3 and 4.5.3: zip64), and nothing else of the file. Throws
 * 'truncated-file' where it has no end, 'malformed-file' for entries that overlap, share a name or leave the file,
 * 'limit-exceeded' for a directory of absurd size.
 */
export function readZipDirectory(source: ByteSource): ReadonlyMap<string, ZipEntry> {
  const { offset, length, count } = findDirectory(source);
  if (length > longestDirectory) {
    throw new HeadroomError(
      'limit-exceeded',
      `The archive's directory has ${length} bytes; at most ${longestDirectory} are read.`,
      'The archive is damaged or made up.',
      { byteOffset: offset },
    );
  }
  const bytes = readExactly(source, offset, length).slice();
  const listed = readEntries(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset, count);
  return withEnds(listed, offset);
}

interface Directory {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
}

/** The directory's place, which the record at the end of the file tells. */
function findDirectory(source: ByteSource): Directory {
  const tailAt = Math.max(0, source.size - longestTail);
  const tail = readExactly(source, tailAt, source.size - tailAt).slice();
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  const at = endRecordAt(view);
  if (at < 0) {
    throw new HeadroomError(
      'truncated-file',
      'The zip archive has no directory at its end.',
      'The download or copy was probably interrupted: fetch the file again.',
      { byteOffset: source.size },
    );
  }
  const small = {
    count: view.getUint16(at + 10, true),
    length: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const isLarge = small.count === full16 || small.length === full32 || small.offset === full32;
  const directory = (isLarge ? zip64Directory(source, view, at) : undefined) ?? small;
  if (directory.offset + directory.length > tailAt + at) {
    throw damaged('its directory would lie behind its end', tailAt + at);
  }
  return directory;
}

/** Position of the end record: the last one whose comment reaches exactly to the end of the file. */
function endRecordAt(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0; at--) {
    if (
      view.getUint32(at, true) === endSignature &&
      at + 22 + view.getUint16(at + 20, true) === view.byteLength
    )
      return at;
  }
  return -1;
}

function zip64Directory(source: ByteSource, tail: DataView, endAt: number): Directory | undefined {
  const locator = endAt - 20;
  if (locator < 0 || tail.getUint32(locator, true) !== zip64LocatorSignature) return undefined;
  const at = uint64(tail, locator + 8);
  const record = readExactly(source, at, 56).slice();
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  if (view.getUint32(0, true) !== zip64EndSignature) throw damaged('its zip64 record is not there', at);
  return { count: uint64(view, 32), length: uint64(view, 40), offset: uint64(view, 48) };
}

type Listed = Omit<ZipEntry, 'endOffset'>;

function readEntries(view: DataView, directoryAt: number, count: number): Listed[] {
  const entries: Listed[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== entrySignature)
      throw damaged(`its directory ends before entry ${i + 1} of ${count}`, directoryAt + at);
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const next = at + 46 + lengths[0] + lengths[1] + lengths[2];
    if (next > view.byteLength) throw damaged(`entry ${i + 1} leaves the directory`, directoryAt + at);
    entries.push(readEntry(view, at, lengths[0], lengths[1]));
    at = next;
  }
  return entries;
}

const utf8 = new TextDecoder();

function readEntry(view: DataView, at: number, nameLength: number, extraLength: number): Listed {
  const nameAt = at + 46;
  const name = utf8.decode(new Uint8Array(view.buffer, view.byteOffset + nameAt, nameLength));
  const sizes = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  const [bytes, compressedBytes, headerOffset] = withZip64(view, nameAt + nameLength, extraLength, sizes);
  return {
    name,
    method: view.getUint16(at + 10, true),
    isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
    crc32: view.getUint32(at + 16, true),
    compressedBytes,
    bytes,
    headerOffset,
  };
}

/** Sizes that do not fit 32 bits are in extra field 1, in order, each only where the 32 bits are all set. */
function withZip64(view: DataView, extraAt: number, extraLength: number, sizes: readonly number[]): number[] {
  const end = extraAt + extraLength;
  for (let at = extraAt; at + 4 <= end;) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let next = at + 4;
      return sizes.map((size) => {
        if (size !== full32 || next + 8 > Math.min(end, at + 4 + length)) return size;
        next += 8;
        return uint64(view, next - 8);
      });
    }
    at += 4 + length;
  }
  return [...sizes];
}

/** Entries by name, each with where it must end. Overlapping entries are how small archives become huge ones. */
function withEnds(listed: readonly Listed[], directoryAt: number): ReadonlyMap<string, ZipEntry> {
  const ordered = [...listed].sort((a, b) => a.headerOffset - b.headerOffset);
  const entries = new Map<string, ZipEntry>();
  ordered.forEach((entry, i) => {
    const endOffset = ordered[i + 1]?.headerOffset ?? directoryAt;
    const shortest = entry.headerOffset + 30 + entry.compressedBytes;
    if (shortest > endOffset)
      throw damaged(`entry ${entry.name} overlaps what follows it`, entry.headerOffset);
    if (entries.has(entry.name)) throw damaged(`two entries are named ${entry.name}`, entry.headerOffset);
    entries.set(entry.name, { ...entry, endOffset });
  });
  return entries;
}

/** Beyond 2^53 rounded: no file is that large, so the check against its size refuses it. */
const uint64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** The bytes contradict the zip format. */
export const damaged = (what: string, byteOffset: number): HeadroomError =>
  new HeadroomError(
    'malformed-file',
    `The zip archive is damaged: ${what} (at byte ${byteOffset}).`,
    'Save or download the file again.',
    { byteOffset },
  );
