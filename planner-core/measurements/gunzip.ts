import { Gunzip } from 'fflate';
import { HeadroomError } from '../base/errors';
import type { Job } from '../base/job';
import { damaged, tooMuch } from './damaged';

/** Compressed bytes inflated at once: what they become, a thousand times as much at most, is all that a bomb gets. */
const chunkBytes = 64 * 1024;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Unpacks a gzip file. Throws 'limit-exceeded' beyond `limitBytes` and 'bad-measurements' for a damaged one. */
export async function gunzip(packed: Uint8Array, limitBytes: number, job: Job): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isWhole = false;
  const stream = new Gunzip((chunk, final) => {
    length += chunk.length;
    if (length > limitBytes) throw tooMuch(`The file unpacks to more than ${limitBytes} bytes`);
    chunks.push(chunk);
    isWhole ||= final;
  });
  for (let at = 0; at < packed.length; at += chunkBytes) {
    try {
      stream.push(packed.subarray(at, at + chunkBytes), at + chunkBytes >= packed.length);
    } catch (error) {
      if (error instanceof HeadroomError) throw error;
      throw damaged('The file is packed with gzip, and damaged or cut off', at);
    }
    await job.checkpoint();
  }
  if (!isWhole || !hasItsLength(packed, length))
    throw damaged('The file is packed with gzip, and cut off', packed.length);
  return joined(chunks, length);
}

/** The last four bytes are the length before packing, modulo 2^32 (RFC 1952). Only files of one member are written. */
function hasItsLength(packed: Uint8Array, length: number): boolean {
  if (packed.length < 18) return false;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  return view.getUint32(packed.length - 4, true) === length % 2 ** 32;
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
