import type { ByteSource } from '../../../planner-core/bytes/byteSource';

/** Counts what is read from another source. */
export class CountingSource implements ByteSource {
  bytesRead = 0;

  constructor(private readonly source: ByteSource) {}

  get size(): number {
    return this.source.size;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = this.source.read(offset, length);
    this.bytesRead += bytes.length;
    return bytes;
  }
}
