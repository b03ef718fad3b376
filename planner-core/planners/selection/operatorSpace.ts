import { appendTo } from '../../base/groups';
import { Phase, type NodeId, type ValueId } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import {
  UseTable,
  type HotView,
  type Relief,
  type Selection,
  type SelectionMove,
  type SelectionSpace,
} from './selectionSpace';

/** An operator with others it may be recomputed from, ascending. */
interface Group {
  readonly nodes: readonly NodeId[];
  /** When the region's recomputation begins. */
  readonly before: NodeId;
}

/** Larger closures cost time to weigh and are better found one operator at a time. */
const maxClosure = 64;

/** Sets of operators to recompute inside their regions. Items are forward nodes. */
export class OperatorSpace implements SelectionSpace {
  readonly items: NodeId[] = [];
  private readonly groups: Group[] = [];
  private readonly relief = new Map<NodeId, readonly Relief[]>();
  private readonly uses: UseTable;
  private readonly regionOfNode: Int32Array;
  /** Scratch of `estimate`. */
  private readonly isAdded: Uint8Array;

  constructor(private readonly context: PlanningContext) {
    const { step, fixed, regions } = context;
    this.regionOfNode = context.problem.layers.regionOfNode;
    this.uses = new UseTable(step);
    this.isAdded = new Uint8Array(step.nodeCount);
    const members = new Map<number, NodeId[]>();
    for (let node = 0; node < step.nodeCount; node++) {
      const region = this.regionOfNode[node];
      if (step.nodePhase[node] !== Phase.forward || region < 0 || fixed[node]) continue;
      appendTo(members, region, node);
    }
    for (const [region, nodes] of members) {
      const whole = regions.operators(region, nodes);
      if (!whole) continue;
      this.items.push(...whole.nodes);
      for (const node of whole.nodes) {
        const relief = this.uses.reliefOf({ before: whole.before, nodes: [node] });
        if (relief.length === 0) continue;
        this.relief.set(node, relief);
        for (const closure of this.closures(node, whole.before))
          this.groups.push({ nodes: closure, before: whole.before });
      }
    }
  }

  get itemCount(): number {
    return this.context.step.nodeCount;
  }

  compile(selected: Selection): Int32Array {
    const { regions, pinnedRecompute, hasPinnedRecompute } = this.context;
    const flagged = hasPinnedRecompute
      ? selected.map((flag, node) => flag | pinnedRecompute[node])
      : selected;
    return regions.compile([], flagged);
  }

  /** What draws random numbers runs again after all of its region that drew before it, or not at all. */
  toggled(selected: Selection, item: number): Selection {
    const next = selected.slice();
    const flag = Number(!selected[item]);
    next[item] = flag;
    for (const other of this.context.regions.drawingWith(item))
      if (flag ? other < item : other > item) next[other] = flag;
    return next;
  }

  moves(selected: Selection, hot: HotView): SelectionMove[] {
    const moves: SelectionMove[] = [];
    for (const { nodes, before } of this.groups) {
      const add = nodes.filter((node) => !selected[node]);
      if (add.length === 0) continue;
      const relief = this.estimate(add, before, selected, hot);
      if (relief <= 0) continue;
      const timeMs = add.reduce((sum, node) => sum + this.timeOf(node), 0);
      moves.push({ add, remove: [], timeMs, relief });
    }
    return moves;
  }

  timeOf(item: number): number {
    return this.context.step.durationMs[item];
  }

  /** Operators that only help others to be recomputed run no more when those are dropped. */
  reliefOf(item: number): readonly Relief[] | undefined {
    return this.relief.get(item);
  }

  /** What the added nodes free, less what their inputs now have to wait for. */
  private estimate(add: readonly NodeId[], before: NodeId, selected: Selection, hot: HotView): number {
    const { step } = this.context;
    const region = this.regionOfNode[add[0]];
    let relief = 0;
    const waiting = new Set<ValueId>();
    for (const node of add) this.isAdded[node] = 1;
    for (const node of add) {
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
        const value = step.outputs.items[i];
        const isKept = this.uses.lastUse(value) >= before || this.isWaiting(value, region, selected);
        if (!isKept || step.residentAtEnd[value]) continue;
        relief += step.valueBytes[value] * hot.count(this.uses.lastEventBefore(value, before), before);
      }
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
        const value = step.inputs.items[i];
        const producer = step.producer[value];
        if (step.residentAtEnd[value] || waiting.has(value) || this.uses.lastUse(value) >= before) continue;
        if (producer >= 0 && this.regionOfNode[producer] === region) {
          if (selected[producer] || this.isAdded[producer]) continue;
        }
        if (this.isWaiting(value, region, selected)) continue;
        waiting.add(value);
        relief -= step.valueBytes[value] * hot.count(this.uses.lastUse(value), before);
      }
    }
    for (const node of add) this.isAdded[node] = 0;
    return relief;
  }

  /** Is the value kept for a recomputation already: does a selected node of the region read it? */
  private isWaiting(value: ValueId, region: number, selected: Selection): boolean {
    const { offsets, items } = this.uses.users;
    for (let u = offsets[value]; u < offsets[value + 1]; u++)
      if (selected[items[u]] && this.regionOfNode[items[u]] === region) return true;
    return false;
  }

  /**
   * The node alone; with the producers of inputs that only the forward pass needs; and with all producers inside the
   * region, as if the whole region up to here were checkpointed. Each with what must draw random numbers before it.
   */
  private closures(node: NodeId, before: NodeId): NodeId[][] {
    const { step, fixed, regions } = this.context;
    const start = [...regions.drawingWith(node).filter((other) => other < node), node];
    const upstream = (stopAtSaved: boolean): NodeId[] => {
      const found = new Set(start);
      const open = [...start];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        for (let i = step.inputs.offsets[next]; i < step.inputs.offsets[next + 1]; i++) {
          const value = step.inputs.items[i];
          const producer = step.producer[value];
          if (producer < 0 || step.residentAtEnd[value] || fixed[producer] || found.has(producer)) continue;
          if (this.regionOfNode[producer] !== this.regionOfNode[node]) continue;
          if (stopAtSaved && this.uses.lastUse(value) >= before) continue;
          found.add(producer);
          open.push(producer);
        }
      }
      return [...found].sort((a, b) => a - b);
    };
    const near = upstream(true);
    const far = upstream(false);
    const closures = [start];
    if (near.length > start.length) closures.push(near);
    if (far.length > near.length && far.length <= maxClosure) closures.push(far);
    return closures;
  }
}
