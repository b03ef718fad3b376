/** Candidates with the scores they can have at best, smallest first: a binary heap that is filled at once, then popped. */
export class CandidateHeap {
  value = new Int32Array(64);
  position = new Int32Array(64);
  /** Bytes of relief at most. */
  relief = new Float64Array(64);
  score = new Float64Array(64);
  private heap = new Int32Array(64);
  private size = 0;

  clear(): void {
    this.size = 0;
  }

  add(value: number, position: number, relief: number, score: number): void {
    if (this.size === this.heap.length) this.grow();
    const entry = this.size++;
    this.value[entry] = value;
    this.position[entry] = position;
    this.relief[entry] = relief;
    this.score[entry] = score;
    this.heap[entry] = entry;
  }

  /** To be called between the last `add` and the first `pop`. */
  order(): void {
    for (let at = (this.size >> 1) - 1; at >= 0; at--) this.sink(at);
  }

  /** Takes out the entry with the smallest score, the earliest added of equals; -1 when none is left. */
  pop(): number {
    if (this.size === 0) return -1;
    const first = this.heap[0];
    this.heap[0] = this.heap[--this.size];
    this.sink(0);
    return first;
  }

  private isBefore(a: number, b: number): boolean {
    return this.score[a] < this.score[b] || (this.score[a] === this.score[b] && a < b);
  }

  private sink(start: number): void {
    const { heap, size } = this;
    const entry = heap[start];
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.isBefore(heap[child + 1], heap[child])) child++;
      if (!this.isBefore(heap[child], entry)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = entry;
  }

  private grow(): void {
    const larger = 2 * this.heap.length;
    const grown = <T extends Int32Array | Float64Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.value = grown(new Int32Array(larger), this.value);
    this.position = grown(new Int32Array(larger), this.position);
    this.relief = grown(new Float64Array(larger), this.relief);
    this.score = grown(new Float64Array(larger), this.score);
    this.heap = grown(new Int32Array(larger), this.heap);
  }
}
