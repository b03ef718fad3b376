import type { PlanningContext } from './context';
import {
  ReliefTable,
  type IsHot,
  type Relief,
  type SelectionMove,
  type SelectionSpace,
} from './selectionSpace';

/** Sets of modules to wrap in checkpoints. Items are module ids; one inside another selected one has no effect. */
export class ModuleSpace implements SelectionSpace {
  /** Modules that may be wrapped under the pins. */
  private readonly candidates: readonly number[];
  private readonly relief = new Map<number, readonly Relief[]>();
  private readonly time = new Map<number, number>();

  constructor(private readonly context: PlanningContext) {
    const { layers } = context.problem.layers;
    const { step, fixed } = context;
    const reliefs = new ReliefTable(step);
    this.candidates = layers
      .filter((layer) => layer.checkpointable && !layer.forwardNodes.some((node) => fixed[node]))
      .map((layer) => layer.id);
    for (const id of this.candidates) {
      const recomputation = layers[id].recomputation!;
      this.relief.set(id, reliefs.of(recomputation));
      this.time.set(
        id,
        recomputation.nodes.reduce((sum, node) => sum + step.durationMs[node], 0),
      );
    }
  }

  compile(selected: ReadonlySet<number>): Int32Array {
    const { regions, pinnedModules, pinnedRecompute } = this.context;
    const all = new Set([...selected, ...pinnedModules]);
    return regions.compile(this.outermost(all), pinnedRecompute);
  }

  moves(selected: ReadonlySet<number>, isHot: IsHot): SelectionMove[] {
    const moves: SelectionMove[] = [];
    for (const id of this.candidates) {
      if (this.isInside(id, selected)) continue;
      if (selected.has(id)) {
        const split = this.split(id, selected, isHot);
        if (split) moves.push(split);
        continue;
      }
      const remove = this.inside(id, selected);
      moves.push({
        add: [id],
        remove,
        timeMs: this.timeOf(id) - remove.reduce((sum, inner) => sum + this.timeOf(inner), 0),
        relief: remove.length === 0 ? this.reliefOf(id) : undefined,
      });
    }
    return moves;
  }

  timeOf(item: number): number {
    return this.time.get(item) ?? 0;
  }

  reliefOf(item: number): readonly Relief[] {
    return this.relief.get(item) ?? [];
  }

  private layer(id: number): PlanningContext['problem']['layers']['layers'][number] {
    return this.context.problem.layers.layers[id];
  }

  private isInside(id: number, selected: ReadonlySet<number>): boolean {
    for (let above = this.layer(id).parent; above > 0; above = this.layer(above).parent) {
      if (selected.has(above)) return true;
    }
    return false;
  }

  private inside(id: number, selected: ReadonlySet<number>): number[] {
    return [...selected].filter((other) => {
      for (let above = this.layer(other).parent; above > 0; above = this.layer(above).parent) {
        if (above === id) return true;
      }
      return false;
    });
  }

  private outermost(selected: ReadonlySet<number>): number[] {
    return [...selected].filter((id) => !this.isInside(id, selected)).sort((a, b) => a - b);
  }

  /** Wrapping the parts instead of the whole: less is recomputed at once, what passes between the parts is kept. */
  private split(id: number, selected: ReadonlySet<number>, isHot: IsHot): SelectionMove | undefined {
    const { recomputation } = this.layer(id);
    if (!recomputation || !isHot(recomputation.before, recomputation.nodes.length)) return undefined;
    const parts = this.parts(id);
    if (parts.length === 0) return undefined;
    const remove = [id, ...this.inside(id, selected)];
    return {
      add: parts,
      remove,
      timeMs: parts.reduce((sum, part) => sum + this.timeOf(part), -this.timeOf(id)),
      relief: undefined,
    };
  }

  private parts(id: number): number[] {
    return this.layer(id).children.flatMap((child) => (this.relief.has(child) ? [child] : this.parts(child)));
  }
}
