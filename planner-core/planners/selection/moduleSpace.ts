import type { Layer } from '../../plan/layerIndex';
import type { PlanningContext } from '../context';
import {
  UseTable,
  type HotView,
  type Relief,
  type Selection,
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
    const uses = new UseTable(step);
    this.candidates = layers
      .filter((layer) => layer.checkpointable && !layer.forwardNodes.some((node) => fixed[node]))
      .map((layer) => layer.id);
    for (const id of this.candidates) {
      const recomputation = layers[id].recomputation!;
      this.relief.set(id, uses.reliefOf(recomputation));
      this.time.set(
        id,
        recomputation.nodes.reduce((sum, node) => sum + step.durationMs[node], 0),
      );
    }
  }

  get itemCount(): number {
    return this.context.problem.layers.layers.length;
  }

  get items(): readonly number[] {
    return this.candidates;
  }

  compile(selected: Selection): Int32Array {
    const { regions, pinnedModules, pinnedRecompute, hasPinnedRecompute } = this.context;
    let all = selected;
    if (pinnedModules.length > 0) {
      all = selected.slice();
      for (const id of pinnedModules) all[id] = 1;
    }
    return regions.compile(this.outermost(all), hasPinnedRecompute ? pinnedRecompute : undefined);
  }

  toggled(selected: Selection, item: number): Selection {
    const next = selected.slice();
    next[item] ^= 1;
    return next;
  }

  moves(selected: Selection, hot: HotView): SelectionMove[] {
    const moves: SelectionMove[] = [];
    for (const id of this.candidates) {
      if (this.isInside(id, selected)) continue;
      if (selected[id]) {
        const split = this.split(id, selected, hot);
        if (split) moves.push(split);
        continue;
      }
      const remove = this.inside(id, selected);
      moves.push({
        add: [id],
        remove,
        timeMs: this.timeOf(id) - remove.reduce((sum, inner) => sum + this.timeOf(inner), 0),
        relief: remove.length === 0 ? this.mostRelief(id, hot) : undefined,
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

  /** Never less than the relief: other values may have to wait for the recomputation. */
  private mostRelief(id: number, hot: HotView): number {
    let sum = 0;
    for (const { bytes, after, before } of this.reliefOf(id)) sum += bytes * hot.count(after, before);
    return sum;
  }

  private layer(id: number): Layer {
    return this.context.problem.layers.layers[id];
  }

  private isInside(id: number, selected: Selection): boolean {
    for (let above = this.layer(id).parent; above > 0; above = this.layer(above).parent) {
      if (selected[above]) return true;
    }
    return false;
  }

  private inside(id: number, selected: Selection): number[] {
    const found: number[] = [];
    const visit = (child: number): void => {
      if (selected[child]) found.push(child);
      this.layer(child).children.forEach(visit);
    };
    this.layer(id).children.forEach(visit);
    return found;
  }

  private outermost(selected: Selection): number[] {
    const found: number[] = [];
    for (let id = 0; id < selected.length; id++)
      if (selected[id] && !this.isInside(id, selected)) found.push(id);
    return found;
  }

  /** Wrapping the parts instead of the whole: less is recomputed at once, what passes between the parts is kept. */
  private split(id: number, selected: Selection, hot: HotView): SelectionMove | undefined {
    const { recomputation } = this.layer(id);
    if (!recomputation || !hot.isHot(recomputation.before, recomputation.nodes.length)) return undefined;
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
