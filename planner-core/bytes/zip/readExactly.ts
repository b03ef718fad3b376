import type { ByteSource } from '../byteSource';
import { truncated } from '../byteWindow';

/** `length` bytes from `offset` on, valid until the next read; 'truncated-file' when there are fewer. */
export function readExactly(source: ByteSource, offset: number, length: number): Uint8Array {
  const isInside = offset >= 0 && offset + length <= source.size;
  const bytes = isInside ? source.read(offset, length) : undefined;
  if (bytes?.length !== length) throw truncated(Math.min(source.size, offset + (bytes?.length ?? 0)));
  return bytes;
}
