/** Stands for no limit: more than any sum of bytes. */
export const unlimited = Number.MAX_SAFE_INTEGER;

/** A directed graph with capacities in whole units, and its minimum cut by Dinic's algorithm. Vertices are 0..count-1. */
export class FlowNetwork {
  private readonly to: number[] = [];
  private readonly left: number[] = [];
  private readonly edgesOf: number[][];

  constructor(private readonly vertexCount: number) {
    this.edgesOf = Array.from({ length: vertexCount }, () => []);
  }

  /** An edge, with a capacity of its own in the opposite direction. */
  edge(from: number, to: number, capacity: number, backCapacity = 0): void {
    this.edgesOf[from].push(this.to.length);
    this.to.push(to);
    this.left.push(capacity);
    this.edgesOf[to].push(this.to.length);
    this.to.push(from);
    this.left.push(backCapacity);
  }

  /**
   * The vertices on the sink's side of the minimum cut that lies nearest to the sink (1), after sending all flow there
   * is from source to sink. The source's side must be able to give only what can be cut: a path of unlimited edges
   * would send `unlimited`.
   */
  sinkSide(source: number, sink: number): Uint8Array {
    const level = new Int32Array(this.vertexCount);
    const next = new Int32Array(this.vertexCount);
    while (this.layer(source, sink, level)) {
      next.fill(0);
      while (this.augment(source, sink, level, next));
    }
    return this.reaching(sink);
  }

  /** Distances from the source over edges that are not full; false when the sink cannot be reached. */
  private layer(source: number, sink: number, level: Int32Array): boolean {
    level.fill(-1);
    level[source] = 0;
    const queue = [source];
    for (let at = 0; at < queue.length && level[sink] < 0; at++) {
      for (const edge of this.edgesOf[queue[at]]) {
        const other = this.to[edge];
        if (this.left[edge] <= 0 || level[other] >= 0) continue;
        level[other] = level[queue[at]] + 1;
        queue.push(other);
      }
    }
    return level[sink] >= 0;
  }

  /** Sends as much as fits along one shortest path. Without recursion: paths are as long as the model is deep. */
  private augment(source: number, sink: number, level: Int32Array, next: Int32Array): boolean {
    const path: number[] = [];
    let vertex = source;
    while (vertex !== sink) {
      const edges = this.edgesOf[vertex];
      let found = -1;
      for (; next[vertex] < edges.length; next[vertex]++) {
        const edge = edges[next[vertex]];
        if (this.left[edge] <= 0 || level[this.to[edge]] !== level[vertex] + 1) continue;
        found = edge;
        break;
      }
      if (found >= 0) {
        path.push(found);
        vertex = this.to[found];
      } else {
        const back = path.pop();
        if (back === undefined) return false;
        vertex = this.to[back ^ 1];
        next[vertex]++;
      }
    }
    let flow = unlimited;
    for (const edge of path) flow = Math.min(flow, this.left[edge]);
    for (const edge of path) {
      this.left[edge] -= flow;
      this.left[edge ^ 1] += flow;
    }
    return true;
  }

  /** Vertices from which the sink can still be reached. */
  private reaching(sink: number): Uint8Array {
    const reaches = new Uint8Array(this.vertexCount);
    reaches[sink] = 1;
    const open = [sink];
    for (let vertex = open.pop(); vertex !== undefined; vertex = open.pop()) {
      for (const edge of this.edgesOf[vertex]) {
        const other = this.to[edge];
        if (reaches[other] || this.left[edge ^ 1] <= 0) continue;
        reaches[other] = 1;
        open.push(other);
      }
    }
    return reaches;
  }
}
