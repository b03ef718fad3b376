import { appendTo } from '../base/groups';
import type { ModelGraph, ModuleId } from '../graph/modelGraph';
import type { ForwardRecord } from './draft';
import { ValueKind, type NodeId, type Rows, type StepGraph, type ValueId } from './stepGraph';

/**
 * A forward pass without gradients frees a tensor when the last Python reference to it goes, which is later than its last
 * use. Two kinds of references outlive the use, and the module tree shows both:
 *
 * - the arguments of a call: `Module.__call__` holds them until the forward it called returns
 *   (torch/nn/modules/module.py, _wrapped_call_impl and _call_impl take `*args`), so what flows into a module lives as
 *   long as the module runs, a residual block's input as well as a Sequential's;
 * - local variables: a result that something else than the next statement uses was stored under a name, and lives until
 *   the forward returns that named it. A result that the next statement uses up (`x = self.norm(x)`) is replaced.
 *
 * Operands of a product of two activations (query, key, probabilities, value) have names of their own as well. So has a
 * concatenation inside a block (`conv(relu(norm(torch.cat(features))))`), while `q = q.contiguous()` replaces.
 *
 * Returns the step with these references as further reads of the last computation of each call; the step itself where
 * the file has no modules to go by.
 */
export function withEagerLiveness(
  step: StepGraph,
  graph: ModelGraph,
  records: readonly ForwardRecord[],
): StepGraph {
  if (graph.modules.length === 1) return step;
  const calls = new CallTree(step, graph, records);
  calls.visit(0, 0, calls.count);
  return { ...step, inputs: withReads(step.inputs, calls.held) };
}

/** The calls of a forward pass: a module's call is a run of computations of it and of what is below it. */
class CallTree {
  /** Computations in execution order. */
  private readonly nodes: readonly NodeId[];
  private readonly modules: readonly ModuleId[];
  private readonly isProduct: readonly boolean[];
  private readonly isConcatenation: readonly boolean[];
  /** Only the layout changes: a view that had to copy. */
  private readonly isLayoutCopy: readonly boolean[];
  /** By value: positions of the computations that make or overwrite it; absent for what is never freed. */
  private readonly writes = new Map<ValueId, number[]>();
  private readonly parents: readonly ModuleId[];
  readonly held = new Map<NodeId, Set<ValueId>>();

  constructor(
    private readonly step: StepGraph,
    graph: ModelGraph,
    records: readonly ForwardRecord[],
  ) {
    const computed = records.filter((record) => record.node >= 0);
    this.parents = graph.modules.map(({ parent }) => callerOf(graph, parent));
    this.nodes = computed.map((record) => record.node);
    this.modules = computed.map(({ operator }) => callerOf(graph, graph.operators[operator].module));
    this.isProduct = computed.map(({ rule, context }) => {
      const isMade = (index: number): boolean => context.input(index)?.role === 'activation';
      return rule?.macs !== undefined && isMade(0) && isMade(1);
    });
    this.isConcatenation = computed.map(({ operator }) => graph.operators[operator].type === 'Concat');
    this.isLayoutCopy = computed.map(({ rule, context }) => rule?.storage?.(context).kind === 'view');
    this.nodes.forEach((node, position) => {
      for (const value of [...rowOf(step.outputs, node), ...rowOf(step.updates, node)]) {
        if (step.residentAtEnd[value] || step.valueKind[value] !== ValueKind.activation) continue;
        appendTo(this.writes, value, position);
      }
    });
  }

  get count(): number {
    return this.nodes.length;
  }

  /** Finds what the call of `module` that runs the computations from..to-1 holds until it returns, and what calls in it do. */
  visit(module: ModuleId, from: number, to: number): void {
    const statements = this.statementsOf(module, from, to);
    for (let position = from; position < to; position++) {
      // What overwrites its input is further work of the node before, whose operands it does not read.
      if (this.nodes[position] === this.nodes[position - 1]) continue;
      for (const value of rowOf(this.step.inputs, this.nodes[position])) {
        const made = this.writes.get(value)?.findLast((write) => write < position);
        if (made === undefined) continue;
        if (
          made < from ||
          this.isNamed(module, made, position, statements[position - from] - statements[made - from])
        )
          this.hold(value, to - 1);
      }
    }
    let start = from;
    for (let position = from + 1; position <= to; position++) {
      if (position < to && statements[position - from] === statements[start - from]) continue;
      const child = this.childOf(module, this.modules[start]);
      if (child >= 0 && position - start > 1) this.visit(child, start, position);
      start = position;
    }
  }

  /** Is what position `made` makes and `position`, some statements later, reads a local variable of the forward of `module`? */
  private isNamed(module: ModuleId, made: number, position: number, statementsLater: number): boolean {
    const isOwn = (at: number): boolean => this.modules[at] === module;
    if (isOwn(position) && this.isProduct[position]) return true;
    if (isOwn(made) && this.isConcatenation[made] && module !== 0) return true;
    return statementsLater > 1 && !this.isLayoutCopy[position];
  }

  /** Numbers the statements of a forward: a computation of its own is one, and so is a whole call of a child. */
  private statementsOf(module: ModuleId, from: number, to: number): Int32Array {
    const statements = new Int32Array(to - from);
    let child = -1;
    for (let position = from + 1; position < to; position++) {
      const before = position === from + 1 ? this.childOf(module, this.modules[from]) : child;
      child = this.childOf(module, this.modules[position]);
      const continues = child >= 0 && child === before;
      statements[position - from] = statements[position - from - 1] + (continues ? 0 : 1);
    }
    return statements;
  }

  /** The module directly below `module` that `inner` is, or is in; -1 when `inner` is `module`. */
  private childOf(module: ModuleId, inner: ModuleId): ModuleId {
    let at = inner;
    if (at === module) return -1;
    while (this.parents[at] !== module) at = this.parents[at];
    return at;
  }

  private hold(value: ValueId, position: number): void {
    const node = this.nodes[position];
    const there = this.held.get(node);
    if (there) there.add(value);
    else this.held.set(node, new Set([value]));
  }
}

/** The innermost module around that is called, and so has a forward. */
function callerOf(graph: ModelGraph, module: ModuleId): ModuleId {
  let at = module;
  while (at > 0 && graph.modules[at].isNeverCalled) at = graph.modules[at].parent;
  return at;
}

function* rowOf(rows: Rows, row: number): Generator<number> {
  for (let i = rows.offsets[row]; i < rows.offsets[row + 1]; i++) yield rows.items[i];
}

function withReads(inputs: Rows, held: ReadonlyMap<NodeId, ReadonlySet<ValueId>>): Rows {
  const offsets = new Int32Array(inputs.offsets.length);
  const items: ValueId[] = [];
  for (let node = 0; node + 1 < offsets.length; node++) {
    for (const value of new Set([...rowOf(inputs, node), ...(held.get(node) ?? [])])) items.push(value);
    offsets[node + 1] = items.length;
  }
  return { offsets, items: Int32Array.from(items) };
}
