/**
 * Random access to the bytes of a file, without holding the file.
 * Synchronous: sources live in a worker or a command-line process, where blocking reads are the simplest and fastest.
 */
export interface ByteSource {
  /** Total size in bytes. */
  readonly size: number;
  /**
   * The bytes from `offset` on, `length` of them or fewer at the end of the file.
   * The result is only valid until the next call.
   */
  read(offset: number, length: number): Uint8Array;
}

/** A file that is already in memory (tests, virtual file systems, the web). */
export class MemoryByteSource implements ByteSource {
  constructor(private readonly bytes: Uint8Array) {}

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.subarray(offset, Math.min(offset + length, this.bytes.length));
  }
}
