import { lengthPrefix } from '../../bytes/wireWriter';
import type { ModelCopy } from '../targets';

/** A file in the making: ranges of another file, and new bytes between them. Ranges that meet become one. */
export class Splice {
  readonly pieces: ModelCopy['pieces'][number][] = [];
  length = 0;

  /** The source's bytes from `from` on, up to before `to`. */
  copy(from: number, to: number): void {
    if (to <= from) return;
    const last = this.pieces[this.pieces.length - 1];
    if (last && !(last instanceof Uint8Array) && last.offset + last.length === from)
      this.pieces[this.pieces.length - 1] = { offset: last.offset, length: to - last.offset };
    else this.pieces.push({ offset: from, length: to - from });
    this.length += to - from;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pieces.push(bytes);
    this.length += bytes.length;
  }

  /** Another one's content as a protobuf message. */
  message(field: number, content: Splice): void {
    this.write(lengthPrefix(field, content.length));
    for (const piece of content.pieces) {
      if (piece instanceof Uint8Array) this.write(piece);
      else this.copy(piece.offset, piece.offset + piece.length);
    }
  }
}
