import { HeadroomError } from '../base/errors';
import type { ByteSource } from './byteSource';
import { TextCache } from './textCache';

const smallestWindow = 4 * 1024;
const largestWindow = 64 * 1024;

/**
 * A sliding window over a ByteSource. Reading on doubles the window up to 64 KiB; a jump starts again with 4 KiB, so
 * that hopping over thousands of tensor payloads reads little more than their headers.
 */
export class ByteWindow {
  private bytes = new Uint8Array(largestWindow);
  private start = 0;
  private end = 0;
  private length = smallestWindow;
  private readonly texts = new TextCache();

  constructor(private readonly source: ByteSource) {}

  /** Size of the source in bytes. */
  get size(): number {
    return this.source.size;
  }

  /** The byte at an offset; 'truncated-file' beyond the end. */
  byteAt(offset: number): number {
    if (offset < this.start || offset >= this.end) this.slideTo(offset);
    return this.bytes[offset - this.start];
  }

  /**
   * `length` bytes from `offset` on; 'truncated-file' when there are fewer. Valid until the next call.
   * Ranges longer than the window pass it by.
   */
  range(offset: number, length: number): Uint8Array {
    if (length > largestWindow) return this.readExactly(offset, length);
    this.cover(offset, length);
    return this.bytes.subarray(offset - this.start, offset - this.start + length);
  }

  /** `length` bytes from `offset` on as UTF-8 text; 'truncated-file' when there are fewer. */
  text(offset: number, length: number): string {
    if (length > largestWindow) return this.texts.decode(this.readExactly(offset, length), 0, length);
    this.cover(offset, length);
    return this.texts.decode(this.bytes, offset - this.start, length);
  }

  /** Makes the window, which is at least as large, contain the range. */
  private cover(offset: number, length: number): void {
    if (offset >= this.start && offset + length <= this.end) return;
    this.slideTo(offset);
    if (offset + length > this.end) this.fill(offset, length);
  }

  private slideTo(offset: number): void {
    const readingOn = offset >= this.end && offset - this.end < smallestWindow;
    this.length = readingOn ? Math.min(this.length * 2, largestWindow) : smallestWindow;
    this.fill(offset, 1);
  }

  /** Makes the window start at `offset` and hold at least `needed` bytes. */
  private fill(offset: number, needed: number): void {
    const got = this.source.read(offset, Math.max(this.length, needed));
    if (got.length < needed) throw truncated(offset + got.length);
    // Copied: the source may reuse its buffer at its next read.
    this.bytes.set(got);
    this.start = offset;
    this.end = offset + got.length;
  }

  private readExactly(offset: number, length: number): Uint8Array {
    const got = this.source.read(offset, length);
    if (got.length < length) throw truncated(offset + got.length);
    return got;
  }
}

/** The file ends where more bytes are due. */
export function truncated(byteOffset: number): HeadroomError {
  return new HeadroomError(
    'truncated-file',
    `The file ends at byte ${byteOffset}, in the middle of the model.`,
    'The download or copy was probably interrupted: fetch the file again.',
    { byteOffset },
  );
}
