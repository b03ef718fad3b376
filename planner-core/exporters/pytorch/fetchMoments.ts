import { appendTo } from '../../base/groups';
import type { ModelGraph } from '../../graph/modelGraph';
import { sequenceOf } from '../../simulator/sequence';
import { Phase, ValueKind, type ValueId } from '../../step/stepGraph';
import type { CarriedRecomputation } from './carriedOffloads';
import type { CallNames, NamedResult } from './callNames';
import { namedTensors } from './namedTensors';

/** What backward reads and hooks can tell by: a parameter, or the result of a call. */
export type WatchedValue = { readonly parameter: string } | NamedResult;

interface FetchMoments {
  readonly fetches: readonly { readonly at: string; readonly values: readonly string[] }[];
  readonly watched: Readonly<Record<string, WatchedValue>>;
  /** Pairs [before, value] for the simulator, sorted. */
  readonly pairs: Int32Array;
}

/**
 * When values come back: a running program knows where backward is when a saved tensor is read for the first time. What is
 * asked for then is on its way while that computation runs, as what the simulator fetches before the next one. `planned`:
 * pairs [before, value]; without one a value is wanted just before its use. Each comes back at the first such moment
 * that is no earlier than planned; where there is none before its use, when it is read.
 */
export function fetchMoments(
  graph: ModelGraph,
  names: CallNames,
  values: readonly ValueId[],
  planned: readonly (readonly [base: number, value: ValueId])[],
  again: CarriedRecomputation,
): FetchMoments {
  const { step } = names;
  const { triggers, uses } = backwardReads(graph, names, new Set(values), again);
  const wanted = new Map(planned.map(([base, value], order) => [value, { base, order }]));
  const chosen = values
    .flatMap((value) => {
      const use = uses.get(value);
      if (use === undefined) return [];
      const { base, order } = wanted.get(value) ?? { base: use, order: planned.length };
      const trigger = triggers.find((moment) => moment.before >= base && moment.before <= use);
      return trigger ? [{ value, trigger, base, order }] : [];
    })
    .sort(
      (a, b) =>
        a.trigger.before - b.trigger.before || a.base - b.base || a.order - b.order || a.value - b.value,
    );
  const fetches = new Map<string, string[]>();
  const watched: Record<string, WatchedValue> = {};
  for (const { value, trigger } of chosen) {
    watched[trigger.name] = trigger.watched;
    appendTo(fetches, trigger.name, step.valueName[value]);
  }
  return {
    fetches: [...fetches].map(([at, names]) => ({ at, values: names })),
    watched,
    pairs: Int32Array.from(chosen.flatMap(({ trigger, value }) => [trigger.before, value])),
  };
}

/** Base nodes, ascending, before which a running program can ask for what is to come back. */
export function returnMoments(graph: ModelGraph, names: CallNames, again: CarriedRecomputation): Int32Array {
  const { triggers } = backwardReads(graph, names, new Set(), again);
  return Int32Array.from(triggers, ({ before }) => before);
}

/** A moment of backward, and the computation that comes next. */
interface Trigger {
  readonly before: number;
  readonly name: string;
  readonly watched: WatchedValue;
}

/** Moments that can be told, in order, and by value the base node for which backward reads it first. */
function backwardReads(
  graph: ModelGraph,
  names: CallNames,
  values: ReadonlySet<ValueId>,
  { recomputations, isInside }: CarriedRecomputation,
): { triggers: Trigger[]; uses: Map<ValueId, number> } {
  const { step } = names;
  const parameters = new Set(namedTensors(graph).map(([name]) => name));
  const watchedAs = (value: ValueId): WatchedValue | undefined => {
    const name = step.valueName[value];
    if (step.valueKind[value] === ValueKind.parameter)
      return parameters.has(name) ? { parameter: name } : undefined;
    return step.valueKind[value] === ValueKind.activation ? names.result(value) : undefined;
  };
  const { nodes, again } = sequenceOf(step, { recomputations, offloads: new Int32Array(0) });
  const triggers: Trigger[] = [];
  const uses = new Map<ValueId, number>();
  const seen = new Set<ValueId>();
  const madeAgain = new Set<ValueId>();
  for (let position = 0, base = 0; position < nodes.length; position++) {
    const node = nodes[position];
    const isAgain = again[position] === 1;
    if (isAgain || step.nodePhase[node] === Phase.backward) {
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
        const value = step.inputs.items[i];
        if (values.has(value) && !madeAgain.has(value) && !uses.has(value)) uses.set(value, base);
        if (seen.has(value) || madeAgain.has(value)) continue;
        seen.add(value);
        // What is read inside a checkpoint is its own, but for what it was given, which is read when it begins.
        if (!isAgain && isInside[node]) continue;
        const watched = watchedAs(value);
        const before = isAgain ? base : base + 1;
        if (!watched || ('parameter' in watched && isAgain) || triggers.at(-1)?.before === before) continue;
        triggers.push({ before, name: step.valueName[value], watched });
      }
    }
    if (isAgain) {
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++)
        madeAgain.add(step.outputs.items[i]);
    } else base++;
  }
  return { triggers, uses };
}
