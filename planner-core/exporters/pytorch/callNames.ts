import { isFloat } from '../../graph/dtype';
import type { ModelGraph, Operator } from '../../graph/modelGraph';
import type { NodeId, StepGraph, ValueId } from '../../step/stepGraph';
import { changedLater, forwardCalls } from './forwardCalls';
import { CallCounter, foundKind } from './kernelKinds';

/**
 * A call of the forward pass: among the calls of this kind with a floating-point result that the module itself makes, the
 * one of this number.
 */
export type CallName = readonly [module: string, kind: string, number: number];

/** A result of a call: which of what its kernel returns. */
export interface NamedResult {
  readonly made: CallName;
  readonly result: number;
}

/** Dropout on CUDA is one kernel that returns a mask of booleans, too; on the CPU it is several, as many as the release has. */
const dropoutMask = '/mask';

/** What kernels return beside their result, by the end of the value's name. */
const byProducts: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  max_pool: { '/indices': 1 },
  attention: { '/logsumexp': 1 },
  dropout: { [dropoutMask]: 1 },
};

/**
 * Names by which a running program can tell the calls of its forward pass apart: module, kind of kernel, number. The
 * calls a module makes itself are counted, those of modules inside it are theirs.
 */
export class CallNames {
  private readonly ofNode = new Map<NodeId, CallName[]>();
  private readonly written = new Map<NodeId, ValueId>();
  private readonly counters: ReadonlyMap<string, CallCounter>;

  constructor(
    graph: ModelGraph,
    readonly step: StepGraph,
  ) {
    const unclear = modulesOfComposedAttention(step);
    const counters = new Map(
      graph.modules.filter(({ id }) => !unclear.has(id)).map(({ name }) => [name, new CallCounter()]),
    );
    const overwritten = changedLater(graph, step);
    for (const { operator, node, writes } of forwardCalls(graph, step, () => true)) {
      const kind = foundKind(operator) ?? (isDropout(step, node, operator) ? 'dropout' : undefined);
      const module = graph.modules[operator.module]?.name ?? '';
      const counter = counters.get(module);
      const { dtype } = graph.tensors[operator.outputs[0]];
      // Programs reckon with sizes and positions, which files may have folded.
      if (kind === undefined || !counter || (dtype && !isFloat(dtype))) continue;
      const call: CallName = [module, kind, counter.numberOf(kind, operator)];
      const known = this.ofNode.get(node);
      if (known) known.push(call);
      else {
        this.ofNode.set(node, [call]);
        // Autograd keeps a copy of what is written over.
        if (!overwritten.has(operator.outputs[0])) this.written.set(node, writes);
      }
    }
    this.counters = counters;
  }

  /** Calls that do a forward computation, in their order; empty where its kernels cannot be told from others. */
  of(node: NodeId): readonly CallName[] {
    return this.ofNode.get(node) ?? [];
  }

  /** The call that makes a value; undefined where it cannot be told from others. */
  result(value: ValueId): NamedResult | undefined {
    const producer = this.step.producer[value];
    const made = this.ofNode.get(producer)?.[0];
    if (!made) return undefined;
    if (this.written.get(producer) === value) return { made, result: 0 };
    const ending = Object.entries(byProducts[made[1]] ?? {}).find(([end]) =>
      this.step.valueName[value].endsWith(end),
    );
    return ending && { made, result: ending[1] };
  }

  /** Module -> kind -> how many such calls the module makes itself in a forward pass, for the calls asked about. */
  totals(calls: readonly CallName[]): Record<string, Record<string, number>> {
    const totals: Record<string, Record<string, number>> = {};
    for (const [module, kind] of calls)
      (totals[module] ??= {})[kind] = this.counters.get(module)?.counts[kind] ?? 0;
    return totals;
  }
}

/** Dropout that is one kernel, and not part of another call's, such as a recurrent network's. */
function isDropout({ outputs, valueName }: StepGraph, node: NodeId, { type, source }: Operator): boolean {
  if (type !== 'Dropout' || source?.target?.includes('dropout') === false) return false;
  const made = outputs.items.subarray(outputs.offsets[node], outputs.offsets[node + 1]);
  return made.some((value) => valueName[value].endsWith(dropoutMask));
}

/** Attention without a kernel of its own runs as many that its module may run itself, too. */
function modulesOfComposedAttention({ nodeCount, nodeModule, outputs, valueName }: StepGraph): Set<number> {
  const modules = new Set<number>();
  for (let node = 0; node < nodeCount; node++) {
    for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++)
      if (valueName[outputs.items[i]].endsWith('/probabilities')) modules.add(nodeModule[node]);
  }
  return modules;
}
