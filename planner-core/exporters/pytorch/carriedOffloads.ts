import type { ModelGraph } from '../../graph/modelGraph';
import type { Paging } from '../../simulator/schedule';
import { Phase, ValueKind, type NodeId, type StepGraph, type ValueId } from '../../step/stepGraph';
import type { NotCarried } from '../targets';
import type { CallNames } from './callNames';
import { type CallName, type NamedResult } from './callNames';
import { fetchMoments, type WatchedValue } from './fetchMoments';
import { namedTensors } from './namedTensors';

/** A value that waits for its use in backward on the host. */
export interface CarriedOffload extends NamedResult {
  readonly value: string;
  readonly operator: string;
  /** The call after which it leaves; null: at the end of the model's forward pass. */
  readonly leave_after: CallName | null;
  /**
   * The call that waits until it has left; the one it leaves after: nothing else runs before it has left; null: nothing
   * waits, its memory is free when its transfer happens to end.
   */
  readonly gone_before: CallName | null;
}

/** What PyTorch's hooks on saved tensors do of a plan's offloads. */
export interface CarriedOffloads {
  /** In the order in which they leave. */
  readonly values: readonly CarriedOffload[];
  /** What is brought back when a watched value is first read in backward, in order; the rest when it is read itself. */
  readonly fetches: readonly { readonly at: string; readonly values: readonly string[] }[];
  readonly watched: Readonly<Record<string, WatchedValue>>;
  /** Calls a forward pass makes, by module and kind: others mean that calls cannot be told apart. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Does the file know the model's modules? Otherwise all calls are the model's own. */
  readonly by_module: boolean;
}

/** The recomputations that are carried, and which computations they are about. */
export interface CarriedRecomputation {
  readonly recomputations: Int32Array;
  /** By node: 1 inside a checkpointed module, whose saved tensors are the checkpoint's. */
  readonly isInside: Uint8Array;
}

interface Found {
  readonly carried?: CarriedOffloads;
  /** Parameters whose optimizer state waits on the host between steps. */
  readonly state: readonly string[];
  /** For the simulator. */
  readonly paging: Paging;
  readonly notes: readonly NotCarried[];
}

/**
 * Finds what saved-tensor hooks do of a plan's offloads: results of calls that can be told apart leave after the first such
 * call that follows their last use in forward, are waited for no later than planned, and come back when backward
 * first reads something it can be told by: never earlier than planned, so that memory is never more. Optimizer state comes
 * back for the update of its parameter.
 */
export function carriedOffloads(
  graph: ModelGraph,
  names: CallNames,
  planned: Paging,
  again: CarriedRecomputation,
): Found {
  if (planned.offloads.length === 0) return { state: [], paging: { offloads: planned.offloads }, notes: [] };
  const { step } = names;
  const notes = new Notes(graph, step);
  const state = statesOf(graph, step, planned.offloads);
  const values = [...planned.offloads].filter((value) => {
    if (state.has(value)) return false;
    const why = whyNot(step, names, again, value);
    if (why) notes.add(value, why);
    return !why;
  });
  const ofState = (pairs: Int32Array | undefined): [number, ValueId][] =>
    pairsOf(pairs).filter(([, value]) => state.has(value));
  const forward = new ForwardMoments(step, names);
  const lastUse = lastForwardUses(step, values);
  const waitOf = new Map(pairsOf(planned.waits).map(([base, value]) => [value, base]));
  const waits: [number, ValueId][] = [];
  const carried = values
    .map((value) => {
      const leave = forward.atOrAfter(lastUse.get(value)!);
      const planned = waitOf.get(value);
      const wait = planned === undefined ? undefined : forward.waiting(leave, planned, lastUse.get(value)!);
      if (wait) waits.push([wait.base, value]);
      const leaveAfter = leave === undefined ? null : names.of(leave).at(-1)!;
      return {
        value: step.valueName[value],
        operator: step.nodeName[step.producer[value]],
        ...names.result(value)!,
        leave_after: leaveAfter,
        gone_before: wait ? (wait.call ?? leaveAfter) : null,
        at: lastUse.get(value)!,
      };
    })
    .sort((a, b) => a.at - b.at)
    .map(({ at: _, ...value }): CarriedOffload => value);
  const back = fetchMoments(graph, names, values, pairsOf(planned.fetches), again);
  const used = [
    ...carried.flatMap(({ made, leave_after: leave, gone_before: gone }) => [made, leave, gone]),
    ...Object.values(back.watched).map((watched) => ('made' in watched ? watched.made : null)),
  ].filter((call): call is CallName => call !== null);
  const isAny = values.length > 0;
  return {
    carried: isAny
      ? {
          ...{ values: carried, fetches: back.fetches, watched: back.watched },
          calls: names.totals(used),
          by_module: graph.modules.length > 1,
        }
      : undefined,
    state: [...state.values()],
    paging: {
      offloads: Int32Array.from([...values, ...state.keys()]).sort(),
      fetches: sorted([...pairsOf(back.pairs), ...ofState(planned.fetches)]),
      waits: sorted([...waits, ...ofState(planned.waits)]),
    },
    notes: notes.all(),
  };
}

/** By base; what has the same one stays in its order. */
const sorted = (pairs: [base: number, value: ValueId][]): Int32Array =>
  Int32Array.from(pairs.sort((a, b) => a[0] - b[0]).flat());

/** Optimizer state that leaves, ascending, with the name of its parameter. */
export function statesOf(
  graph: ModelGraph,
  step: StepGraph,
  offloads: Iterable<ValueId>,
): Map<ValueId, string> {
  const parameters = new Set(namedTensors(graph).map(([name]) => name));
  const states = new Map<ValueId, string>();
  for (const value of [...offloads].sort((a, b) => a - b)) {
    if (step.valueKind[value] !== ValueKind.optimizerState || !step.residentAtStart[value]) continue;
    const name = step.valueName[value].replace(/^\w+ state of /, '');
    if (parameters.has(name)) states.set(value, name);
  }
  return states;
}

/** Why hooks on saved tensors cannot send a value away, and what happens to it instead. */
function whyNot(
  step: StepGraph,
  names: CallNames,
  { recomputations }: CarriedRecomputation,
  value: ValueId,
): Omit<NotCarried, 'decision'> | undefined {
  const stays = 'they stay on their device';
  if (step.valueKind[value] !== ValueKind.activation)
    return {
      why: 'hooks on saved tensors see only what the forward pass leaves for backward',
      instead: stays,
    };
  const producer = step.producer[value];
  if (recomputations.some((node, i) => i % 2 === 1 && node === producer))
    return { why: 'their module has a checkpoint', instead: 'they are computed again' };
  if (names.result(value)) return undefined;
  return { why: 'the kernels that make them cannot be told from others', instead: stays };
}

/** Places in the forward pass at which a running program can tell where it is. */
class ForwardMoments {
  private readonly known: NodeId[];
  /** The first computation after the model's forward pass. */
  private readonly end: NodeId;

  constructor(step: StepGraph, names: CallNames) {
    const end = step.nodePhase.findIndex((phase) => phase !== Phase.forward);
    this.end = end < 0 ? step.nodeCount : end;
    this.known = Array.from({ length: this.end }, (_, node) => node).filter(
      (node) => names.of(node).length > 0,
    );
    this.callOf = (node) => names.of(node)[0];
  }

  private readonly callOf: (node: NodeId) => CallName;

  atOrAfter(node: NodeId): NodeId | undefined {
    return this.known.find((known) => known >= node);
  }

  /**
   * What waits for a value that leaves after `leave` (undefined: at the end) and should be gone before `planned`: the
   * last computation that can be told and is not later, or whatever comes next.
   */
  waiting(
    leave: NodeId | undefined,
    planned: NodeId,
    lastUse: NodeId,
  ): { readonly base: NodeId; readonly call?: CallName } {
    if (leave === undefined) return { base: Math.max(lastUse + 1, this.end) };
    const base = this.known.findLast((known) => known <= planned && known > leave);
    return base === undefined ? { base: leave + 1 } : { base, call: this.callOf(base) };
  }
}

/** By value: the last computation before backward that reads or makes it. */
function lastForwardUses(step: StepGraph, values: readonly ValueId[]): Map<ValueId, NodeId> {
  const wanted = new Set(values);
  const uses = new Map<ValueId, NodeId>();
  for (let node = 0; node < step.nodeCount && step.nodePhase[node] < Phase.backward; node++) {
    for (const rows of [step.inputs, step.outputs]) {
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++)
        if (wanted.has(rows.items[i])) uses.set(rows.items[i], node);
    }
  }
  return uses;
}

const pairsOf = (pairs: Int32Array | undefined): [base: number, value: ValueId][] =>
  Array.from({ length: (pairs?.length ?? 0) / 2 }, (_, i) => [pairs![2 * i], pairs![2 * i + 1]]);

/** Collects what is not carried, one note for each module and reason. */
class Notes {
  private readonly groups = new Map<string, { note: NotCarried; names: string[] }>();

  constructor(
    private readonly graph: ModelGraph,
    private readonly step: StepGraph,
  ) {}

  add(value: ValueId, why: Omit<NotCarried, 'decision'>): void {
    const { graph, step } = this;
    const producer = step.producer[value];
    const isState = producer < 0;
    const module = isState ? undefined : graph.modules[step.nodeModule[producer]]?.name || 'the model';
    const of = module === undefined ? '' : `results of ${module}: `;
    const key = `${of}|${why.why}`;
    const group = this.groups.get(key) ?? { note: { decision: `offloading ${of}`, ...why }, names: [] };
    const [made, operator] = [step.valueName[value], step.nodeName[producer]];
    const name = isState || made === operator ? made : `${operator} (${made})`;
    if (!group.names.includes(name)) group.names.push(name);
    this.groups.set(key, group);
  }

  all(): NotCarried[] {
    return [...this.groups.values()].map(({ note, names }) => ({
      ...note,
      decision: note.decision + names.join(', '),
    }));
  }
}
