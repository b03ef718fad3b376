import { Inflate } from 'fflate';
import { HeadroomError } from '../../base/errors';
import type { ByteSource } from '../byteSource';
import { crc32 } from './crc32';
import { readExactly } from './readExactly';
import { damaged, type ZipEntry } from './zipDirectory';

const localSignature = 0x04034b50;
/** Compressed bytes that are inflated at once: what they become, at most a thousand times as much, is all that a bomb gets. */
const chunkBytes = 16 * 1024;

/**
 * The bytes of one entry. Throws 'limit-exceeded', before anything is read, for one that says to be larger than
 * `limitBytes`, and 'malformed-file' for one that is not what the directory says: inflating stops there.
 */
export function readZipEntry(source: ByteSource, entry: ZipEntry, limitBytes: number): Uint8Array {
  if (entry.bytes > limitBytes) {
    throw new HeadroomError(
      'limit-exceeded',
      `${entry.name} in the archive unpacks to ${entry.bytes} bytes; at most ${limitBytes} are read.`,
      'No exporter writes such files: it is damaged or made up.',
      { byteOffset: entry.headerOffset },
    );
  }
  if (entry.isEncrypted) throw damaged(`${entry.name} is encrypted`, entry.headerOffset);
  // Deflate adds a few bytes to what it cannot shrink (RFC 1951): 5 for each block of 64 KiB.
  if (entry.compressedBytes > 1.001 * entry.bytes + 1024)
    throw damaged(`${entry.name} is larger packed than unpacked`, entry.headerOffset);
  const packed = readExactly(source, dataOffset(source, entry), entry.compressedBytes).slice();
  const bytes = unpacked(entry, packed);
  if (bytes.length !== entry.bytes)
    throw damaged(`${entry.name} has ${bytes.length} bytes, not ${entry.bytes}`, entry.headerOffset);
  if (crc32(bytes) !== entry.crc32)
    throw damaged(`the checksum of ${entry.name} is wrong`, entry.headerOffset);
  return bytes;
}

/** The local header before the data repeats the name and may be padded: PyTorch aligns data to 64 bytes with it. */
function dataOffset(source: ByteSource, entry: ZipEntry): number {
  const header = readExactly(source, entry.headerOffset, 30);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (view.getUint32(0, true) !== localSignature)
    throw damaged(`${entry.name} is not where the directory says`, entry.headerOffset);
  const offset = entry.headerOffset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (offset + entry.compressedBytes > entry.endOffset)
    throw damaged(`${entry.name} overlaps what follows it`, entry.headerOffset);
  return offset;
}

function unpacked(entry: ZipEntry, packed: Uint8Array): Uint8Array {
  switch (entry.method) {
    case 0:
      return packed;
    case 8:
      return inflated(entry, packed);
    default:
      throw damaged(`${entry.name} is compressed by method ${entry.method}, not deflate`, entry.headerOffset);
  }
}

function inflated(entry: ZipEntry, packed: Uint8Array): Uint8Array {
  const result = new Uint8Array(entry.bytes);
  let length = 0;
  const inflate = new Inflate((chunk) => {
    if (length + chunk.length > result.length)
      throw damaged(`${entry.name} unpacks to more than its ${entry.bytes} bytes`, entry.headerOffset);
    result.set(chunk, length);
    length += chunk.length;
  });
  try {
    for (let at = 0; at < packed.length || at === 0; at += chunkBytes)
      inflate.push(packed.subarray(at, at + chunkBytes), at + chunkBytes >= packed.length);
  } catch (error) {
    if (error instanceof HeadroomError) throw error;
    throw damaged(`${entry.name} cannot be inflated`, entry.headerOffset);
  }
  return result.subarray(0, length);
}
