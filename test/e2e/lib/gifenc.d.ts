/** What is used of gifenc, which has no types of its own. */
declare module 'gifenc' {
  /** Red, green and blue of each colour. */
  export type Palette = number[][];
  export interface Encoder {
    writeFrame(
      indices: Uint8Array,
      width: number,
      height: number,
      options: {
        palette?: Palette;
        delay: number;
        transparent: boolean;
        transparentIndex: number;
        dispose: number;
      },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  }
  const gifenc: {
    GIFEncoder(): Encoder;
  };
  export default gifenc;
}
