/** Numbers uniform in [0, 1), always the same ones: xorshift (Marsaglia 2003). The seed is not 0. */
export function sequenceOfChance(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}
