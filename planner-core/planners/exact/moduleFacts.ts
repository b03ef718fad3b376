import type { NodeId, ValueId } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import { RetentionFacts } from './retentionFacts';

/** A module that may be wrapped, as it bears on memory. */
export interface WrappableModule {
  readonly id: number;
  /** What its checkpoint runs again, just before this node. */
  readonly before: NodeId;
  readonly nodes: readonly NodeId[];
  readonly timeMs: number;
  /** Values the recomputation makes anew. */
  readonly made: ReadonlySet<ValueId>;
  /** Values from outside that it reads, with the index of the last node that does. */
  readonly lastRead: ReadonlyMap<ValueId, number>;
}

/** Modules that may be wrapped in a checkpoint, and which of them make and read each value again. */
export class ModuleFacts {
  readonly modules: readonly WrappableModule[] = [];
  /** Indices into `modules` on the way from each module without wrappable modules in it to the root. */
  readonly paths: readonly (readonly number[])[];
  /** By value: indices of modules whose recomputation makes it; of others that read it. */
  readonly makers: number[][];
  readonly readers: number[][];
  readonly retention: RetentionFacts;

  constructor(readonly context: PlanningContext) {
    const { step, fixed, problem } = context;
    const { layers } = problem.layers;
    this.retention = new RetentionFacts(
      step,
      fixed.map((flag) => 1 - flag),
    );
    const modules: WrappableModule[] = [];
    const indexOf = new Map<number, number>();
    for (const layer of layers) {
      if (!layer.recomputation || layer.forwardNodes.some((node) => fixed[node])) continue;
      // All there is in its parent: the same checkpoint.
      const { parent } = layer;
      if (indexOf.has(parent) && layers[parent].recomputation === layer.recomputation) {
        indexOf.set(layer.id, indexOf.get(parent)!);
        continue;
      }
      indexOf.set(layer.id, modules.length);
      const { before, nodes } = layer.recomputation;
      modules.push({ id: layer.id, before, nodes, ...this.touched(nodes) });
    }
    this.modules = modules;
    this.paths = pathsToRoot(
      layers.map(({ parent }) => parent),
      indexOf,
    );
    this.makers = Array.from({ length: step.valueCount }, () => []);
    this.readers = Array.from({ length: step.valueCount }, () => []);
    modules.forEach(({ made, lastRead }, index) => {
      for (const value of made) this.makers[value].push(index);
      for (const value of lastRead.keys()) this.readers[value].push(index);
    });
  }

  /** The modules that recomputations wrap, the largest first; undefined when something else runs again as well. */
  wrappedBy(recomputations: Int32Array): number[] | undefined {
    const { nodeCount } = this.context.step;
    const left = new Set<number>();
    for (let i = 0; i < recomputations.length; i += 2)
      left.add(recomputations[i] * nodeCount + recomputations[i + 1]);
    const wrapped: number[] = [];
    this.modules.forEach(({ before, nodes }, index) => {
      const keys = nodes.map((node) => before * nodeCount + node);
      if (!keys.every((key) => left.has(key))) return;
      for (const key of keys) left.delete(key);
      wrapped.push(index);
    });
    return left.size === 0 ? wrapped : undefined;
  }

  private touched(nodes: readonly NodeId[]): Pick<WrappableModule, 'timeMs' | 'made' | 'lastRead'> {
    const { inputs, outputs, durationMs } = this.context.step;
    const made = new Set<ValueId>();
    const lastRead = new Map<ValueId, number>();
    let timeMs = 0;
    nodes.forEach((node, index) => {
      timeMs += durationMs[node];
      for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++)
        if (!made.has(inputs.items[i])) lastRead.set(inputs.items[i], index);
      for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++) made.add(outputs.items[i]);
    });
    return { timeMs, made, lastRead };
  }
}

/** For each module, what of it and the modules around it may be wrapped; paths that are part of others are left out. */
function pathsToRoot(parents: readonly number[], indexOf: ReadonlyMap<number, number>): number[][] {
  const paths: number[][] = [];
  const isAbove = new Set<number>();
  for (const id of [...indexOf.keys()].reverse()) {
    if (isAbove.has(id)) continue;
    const path = new Set<number>();
    for (let at = id; at > 0; at = parents[at]) {
      const index = indexOf.get(at);
      if (index !== undefined) path.add(index);
      isAbove.add(at);
    }
    paths.push([...path]);
  }
  return paths;
}
