import { joinGroups, type LoadModel } from './loadModel';
import type { Placement } from '../problem';

/** Groups joined step by step (union and find). */
export class Clusters {
  private readonly parent: Int32Array;

  constructor(private readonly groupCount: number) {
    this.parent = Int32Array.from({ length: groupCount }, (_, group) => group);
  }

  find(group: number): number {
    let root = group;
    while (this.parent[root] !== root) root = this.parent[root];
    for (let at = group; at !== root;) [at, this.parent[at]] = [this.parent[at], root];
    return root;
  }

  /** Joins two clusters under the root of the first; false where they are one. */
  join(a: number, b: number): boolean {
    const [first, second] = [this.find(a), this.find(b)];
    if (first === second) return false;
    this.parent[second] = first;
    return true;
  }

  /** Clusters by number, in the order of their first groups. */
  numbered(): { clusterOf: Int32Array; count: number } {
    const number = new Int32Array(this.groupCount).fill(-1);
    const clusterOf = new Int32Array(this.groupCount);
    let count = 0;
    for (let group = 0; group < this.groupCount; group++) {
      const root = this.find(group);
      if (number[root] < 0) number[root] = count++;
      clusterOf[group] = number[root];
    }
    return { clusterOf, count };
  }
}

/** A model whose groups are clusters of another's. */
export interface JoinedModel {
  readonly model: LoadModel;
  readonly clusterOf: Int32Array;
}

export function joinedModel(model: LoadModel, clusters: Clusters): JoinedModel {
  const { clusterOf, count } = clusters.numbered();
  return { model: joinGroups(model, clusterOf, count), clusterOf };
}

/** A placement of the clusters for one of the groups: where the last group of each is. */
export function contracted({ model, clusterOf }: JoinedModel, placement: Placement): Placement {
  const result = new Uint8Array(model.groupCount);
  clusterOf.forEach((cluster, group) => (result[cluster] = placement[group]));
  return result;
}

/** The placement of the groups that a placement of their clusters means. */
export function expanded({ clusterOf }: JoinedModel, placement: Placement): Placement {
  return Uint8Array.from(clusterOf, (cluster) => placement[cluster]);
}
