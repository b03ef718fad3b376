import { Phase, type NodeId } from '../step/stepGraph';
import type { PlanningContext } from './context';
import { ReliefTable, type Relief, type SelectionMove, type SelectionSpace } from './selectionSpace';

/** An operator with what it takes to recompute it without keeping its intermediate inputs. */
interface Group {
  readonly nodes: readonly NodeId[];
  readonly relief: readonly Relief[];
}

/** Sets of operators to recompute inside their regions. Items are forward nodes. */
export class OperatorSpace implements SelectionSpace {
  private readonly groups: Group[] = [];
  private readonly relief = new Map<NodeId, readonly Relief[]>();

  constructor(private readonly context: PlanningContext) {
    const { step, fixed, regions } = context;
    const { regionOfNode } = context.problem.layers;
    const reliefs = new ReliefTable(step);
    const readByBackward = new Uint8Array(step.valueCount);
    for (let node = 0; node < step.nodeCount; node++) {
      if (step.nodePhase[node] !== Phase.backward) continue;
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++)
        readByBackward[step.inputs.items[i]] = 1;
    }
    for (let node = 0; node < step.nodeCount; node++) {
      const region = regionOfNode[node];
      if (step.nodePhase[node] !== Phase.forward || region < 0 || fixed[node]) continue;
      let isSaved = false;
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++)
        isSaved ||= readByBackward[step.outputs.items[i]] === 1;
      if (!isSaved) continue;
      for (const nodes of this.closures(node, readByBackward)) {
        const recomputation = regions.operators(region, nodes);
        if (!recomputation) continue;
        const relief = reliefs.of(recomputation);
        if (relief.length === 0) continue;
        this.groups.push({ nodes, relief });
        if (nodes.length === 1) this.relief.set(node, relief);
      }
    }
  }

  compile(selected: ReadonlySet<number>): Int32Array {
    const flagged = Uint8Array.from(this.context.pinnedRecompute);
    for (const node of selected) flagged[node] = 1;
    return this.context.regions.compile([], flagged);
  }

  moves(selected: ReadonlySet<number>): SelectionMove[] {
    const moves: SelectionMove[] = [];
    for (const { nodes, relief } of this.groups) {
      const add = nodes.filter((node) => !selected.has(node));
      if (add.length === 0) continue;
      moves.push({ add, remove: [], timeMs: add.reduce((sum, node) => sum + this.timeOf(node), 0), relief });
    }
    return moves;
  }

  timeOf(item: number): number {
    return this.context.step.durationMs[item];
  }

  reliefOf(item: number): readonly Relief[] {
    return this.relief.get(item) ?? [];
  }

  /**
   * The node alone; with the producers of inputs that only the forward pass needs; and with all producers inside the
   * region, as if the whole region up to here were checkpointed.
   */
  private closures(node: NodeId, readByBackward: Uint8Array): NodeId[][] {
    const { step, fixed } = this.context;
    const { regionOfNode } = this.context.problem.layers;
    const upstream = (stopAtSaved: boolean): NodeId[] => {
      const found = new Set([node]);
      const open = [node];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        for (let i = step.inputs.offsets[next]; i < step.inputs.offsets[next + 1]; i++) {
          const value = step.inputs.items[i];
          const producer = step.producer[value];
          if (producer < 0 || step.residentAtEnd[value] || fixed[producer] || found.has(producer)) continue;
          if (regionOfNode[producer] !== regionOfNode[node] || step.nodePhase[producer] !== Phase.forward)
            continue;
          if (stopAtSaved && readByBackward[value]) continue;
          found.add(producer);
          open.push(producer);
        }
      }
      return [...found].sort((a, b) => a - b);
    };
    const near = upstream(true);
    const far = upstream(false);
    const closures = [[node]];
    if (near.length > 1) closures.push(near);
    if (far.length > near.length) closures.push(far);
    return closures;
  }
}
