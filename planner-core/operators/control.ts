import { dimText, equals, type Dim } from '../graph/dim';
import type { Subgraph } from '../graph/modelGraph';
import { common, commonItem, commonOf } from './commonFacts';
import { axisOf, dependsOnData } from './dims';
import { numbersOf } from './folding';
import { badAttribute, mismatch } from './inferenceProblem';
import { hasInput, scalarFrom, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, TensorFacts } from './rule';

type Facts = TensorFacts | undefined;

function bodyOf(context: InferenceContext, name: string): Subgraph {
  const attribute = context.attribute(name);
  if (attribute?.kind !== 'graph') throw badAttribute(`Attribute ${name} is not a graph.`);
  return attribute.value;
}

const If: OperatorRule = {
  hostInputs: [0],
  infer(context) {
    const condition = scalarFrom(context, 0);
    if (condition !== undefined) {
      return [...context.inferSubgraph(bodyOf(context, condition ? 'then_branch' : 'else_branch'), [])];
    }
    const thenFacts = context.inferSubgraph(bodyOf(context, 'then_branch'), [], true);
    const elseFacts = context.inferSubgraph(bodyOf(context, 'else_branch'), [], true);
    return thenFacts.map((facts, position) => common(context, facts, elseFacts[position]));
  },
};

/** Rounds after which a body whose sizes still change is taken to give any size. */
const maxRounds = 3;

/**
 * Facts that hold in every iteration: where the body changes the size of a carried value, that size is open, and the
 * body is inferred again, until nothing changes.
 */
function settle(
  context: InferenceContext,
  initial: readonly Facts[],
  run: (carried: readonly Facts[]) => readonly Facts[],
): { carried: readonly Facts[]; outputs: readonly Facts[] } {
  const open = new Set<string>();
  let carried = initial.map(withoutElements);
  for (let round = 0; ; round++) {
    const outputs = run(carried);
    const widened = carried.map((facts, i) => widen(context, facts, outputs[i], open));
    if (round === maxRounds || widened.every((facts, i) => facts === carried[i])) return { carried, outputs };
    carried = round === maxRounds - 1 ? carried.map((facts) => facts && { dtype: facts.dtype }) : widened;
  }
}

/** The same facts when the body's result obeys them, weaker ones otherwise. */
function widen(context: InferenceContext, facts: Facts, result: Facts, open: Set<string>): Facts {
  if (!facts) return undefined;
  if (result?.dtype !== facts.dtype) return undefined;
  if (facts.sequence) return widenSequence(context, facts, result);
  const { shape } = facts;
  if (!shape) return facts;
  if (result.shape?.length !== shape.length) return { dtype: facts.dtype };
  const other = result.shape;
  const obeys = (dim: Dim, axis: number): boolean => equals(dim, other[axis]) || open.has(dimText(dim));
  if (shape.every(obeys)) return facts;
  return {
    dtype: facts.dtype,
    shape: shape.map((dim, axis) => {
      if (obeys(dim, axis)) return dim;
      const size = context.freshDim('size');
      open.add(dimText(size));
      return size;
    }),
  };
}

/** A carried sequence may grow: what its tensors have in common is what stays. */
function widenSequence(context: InferenceContext, facts: TensorFacts, result: TensorFacts): Facts {
  const before = facts.sequence;
  if (!before || !result.sequence) return { dtype: facts.dtype };
  const item = commonItem(context, before, result.sequence);
  const isOpen = before.items === undefined && before.length === undefined;
  const isSame = item === before.item || shapeKey(item) === shapeKey(before.item);
  return isOpen && isSame ? facts : { dtype: facts.dtype, sequence: { item } };
}

const shapeKey = (facts: Facts): string =>
  facts ? `${facts.dtype} ${facts.shape?.map(dimText).join()}` : '';

const withoutElements = (facts: Facts): Facts =>
  facts && { dtype: facts.dtype, shape: facts.shape, sequence: facts.sequence };

/** Stacks what each iteration gives along a new axis. */
const stacked = (facts: Facts, count: Dim, axis = 0): Facts =>
  facts && {
    dtype: facts.dtype,
    shape: facts.shape && [...facts.shape.slice(0, axis), count, ...facts.shape.slice(axis)],
  };

/** Loops of at most this many iterations are followed one by one, where their conditions are known. */
const maxFollowedTrips = 32;

interface FollowedLoop {
  readonly carried: readonly Facts[];
  /** What each scan output gets from each iteration. */
  readonly scanned: readonly (readonly Facts[])[];
}

/**
 * What a loop gives when each of its iterations, at most `trips`, is inferred by itself: exact even where carried sizes
 * change. undefined when a condition is not known, or iterations are too many.
 */
function followed(
  context: InferenceContext,
  body: Subgraph,
  initial: readonly Facts[],
  trips: number,
): FollowedLoop | undefined {
  let carried: readonly Facts[] = initial;
  const scanned: Facts[][] = body.outputs.slice(initial.length + 1).map(() => []);
  for (let i = 0, goesOn = true; i < trips && goesOn; i++) {
    if (i === maxFollowedTrips) return undefined;
    const iteration: Facts = { dtype: 'int64', shape: [], elements: [i] };
    const condition: Facts = { dtype: 'bool', shape: [], elements: [1] };
    const [next, ...outputs] = context.inferSubgraph(body, [iteration, condition, ...carried], true);
    const isTrue = numbersOf(next)?.[0];
    if (isTrue === undefined) return undefined;
    goesOn = isTrue === 1;
    carried = outputs.slice(0, initial.length);
    outputs.slice(initial.length).forEach((facts, scan) => scanned[scan]?.push(facts));
  }
  return { carried, scanned };
}

/** Inputs: trip count, condition, carried values. Body outputs: condition, carried values, one slice of each scan. */
const Loop: OperatorRule = {
  hostInputs: [0, 1],
  infer(context) {
    const body = bodyOf(context, 'body');
    const initial = context.operator.inputs.slice(2).map((_, i) => context.input(i + 2));
    const condition = hasInput(context, 1) ? scalarFrom(context, 1) : 1;
    const starts = condition === 1;
    const trips = condition === 0 ? 0 : starts ? scalarFrom(context, 0) : undefined;
    const settled = settledLoop(context, body, initial, trips, trips === 0);
    // Without a count the condition alone ends the loop.
    const most = starts && !hasInput(context, 0) ? Infinity : trips;
    const isLong = most === undefined || (most !== Infinity && most > maxFollowedTrips);
    if (isLong || holdsBody(body) || settled.every(isKnown)) return [...settled];
    const exact = followed(context, body, initial, most);
    // What the body's own tensors keep has to hold in every iteration: this puts it back.
    const general = settledLoop(context, body, initial, trips, true);
    return general.map((facts, position) => {
      if (!exact) return facts;
      const carried = exact.carried[position];
      // A size that data decide may differ in every iteration although it has one name.
      if (position < initial.length) return carried?.shape?.some(dependsOnData) ? facts : (carried ?? facts);
      return stackedSlices(context, exact.scanned[position - initial.length] ?? [], facts);
    });
  },
};

/** The slices of all iterations along a new first axis; of none there is what `general` says of their sizes. */
function stackedSlices(context: InferenceContext, slices: readonly Facts[], general: Facts): Facts {
  const sizes = slices.length === 0 ? general?.shape?.slice(1) : commonOf(context, slices)?.shape;
  return general && sizes ? { dtype: general.dtype, shape: [slices.length, ...sizes] } : general;
}

/** Following bodies inside bodies would multiply. */
const holdsBody = (body: Subgraph): boolean =>
  body.operators.some(({ attributes }) => [...attributes.values()].some(({ kind }) => kind === 'graph'));

const isKnown = (facts: Facts): boolean => facts?.shape?.some(dependsOnData) === false;

function settledLoop(
  context: InferenceContext,
  body: Subgraph,
  initial: readonly Facts[],
  trips: number | undefined,
  isQuiet = false,
): readonly Facts[] {
  const iteration: Facts = { dtype: 'int64', shape: [] };
  // Whenever the body runs, its condition is true.
  const condition: Facts = { dtype: 'bool', shape: [], elements: [1] };
  let goesOn: Facts;
  const { carried, outputs } = settle(context, initial, (state) => {
    const [first, ...rest] = context.inferSubgraph(body, [iteration, condition, ...state], isQuiet);
    goesOn = first;
    return rest;
  });
  const runsToTheEnd = trips !== undefined && numbersOf(goesOn)?.[0] === 1;
  const count = runsToTheEnd ? Math.max(trips, 0) : context.freshDim('iterations');
  const scans = outputs.slice(initial.length).map((facts) => stacked(withoutElements(facts), count));
  return [...carried, ...scans];
}

/** Inputs: state variables, then sequences that are cut along an axis. */
const Scan: OperatorRule = {
  infer(context) {
    const body = bodyOf(context, 'body');
    if (context.opset < 9) return [...batchedScan(context, body)];
    const scanInputs = context.int('num_scan_inputs', 0);
    const states = context.operator.inputs.length - scanInputs;
    if (scanInputs < 1 || states < 0) throw badAttribute('num_scan_inputs does not fit the inputs.');
    const axes = (name: string): readonly number[] => context.ints(name) ?? [];
    const initial = context.operator.inputs.slice(0, states).map((_, i) => context.input(i));
    let length: Dim | undefined;
    const slices = context.operator.inputs.slice(states).map((_, i) => {
      const facts = context.input(states + i);
      if (!facts?.shape) return withoutElements(facts);
      const axis = axisOf(axes('scan_input_axes')[i] ?? 0, facts.shape.length);
      length ??= facts.shape[axis];
      return { dtype: facts.dtype, shape: facts.shape.filter((_, other) => other !== axis) };
    });
    const { carried, outputs } = settle(context, initial, (state) =>
      context.inferSubgraph(body, [...state, ...slices]),
    );
    const count = length ?? context.freshDim('iterations');
    const scans = outputs.slice(states).map((facts, i) => {
      const rank = (facts?.shape?.length ?? 0) + 1;
      return stacked(withoutElements(facts), count, axisOf(axes('scan_output_axes')[i] ?? 0, rank));
    });
    return [...carried, ...scans];
  },
};

/** Scan of opset 8: a leading input of lengths, and a batch axis that the body does not see; time is axis 1. */
function batchedScan(context: InferenceContext, body: Subgraph): readonly Facts[] {
  const scanInputs = context.int('num_scan_inputs', 0);
  const states = context.operator.inputs.length - 1 - scanInputs;
  if (scanInputs < 1 || states < 0) throw badAttribute('num_scan_inputs does not fit the inputs.');
  let lead: readonly Dim[] | undefined;
  const initial = context.operator.inputs.slice(1).map((_, i): Facts => {
    const facts = context.input(i + 1);
    if (!facts?.shape) return withoutElements(facts);
    const cut = i < states ? 1 : 2;
    if (facts.shape.length < cut) throw mismatch(`Rank ${facts.shape.length}: there is no time axis.`);
    if (i >= states) lead ??= facts.shape.slice(0, 2);
    return { dtype: facts.dtype, shape: facts.shape.slice(cut) };
  });
  const { carried, outputs } = settle(context, initial.slice(0, states), (state) =>
    context.inferSubgraph(body, [...state, ...initial.slice(states)]),
  );
  const [batch, time] = lead ?? [context.freshDim('batch'), context.freshDim('iterations')];
  const scans = outputs.slice(states).map((facts) => stacked(stacked(withoutElements(facts), time), batch));
  return [...carried.map((facts) => stacked(facts, batch)), ...scans];
}

/** Operators with bodies. Costs of a body count once, however often it runs: how often is data. */
export const controlRules: RuleTable = { If, Loop, Scan };
