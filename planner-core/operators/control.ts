import { dimText, equals, type Dim } from '../graph/dim';
import type { Shape, Subgraph } from '../graph/modelGraph';
import { axisOf } from './dims';
import { numbersOf } from './folding';
import { badAttribute } from './inferenceProblem';
import { hasInput, scalarFrom, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, TensorFacts } from './rule';

type Facts = TensorFacts | undefined;

function bodyOf(context: InferenceContext, name: string): Subgraph {
  const attribute = context.attribute(name);
  if (attribute?.kind !== 'graph') throw badAttribute(`Attribute ${name} is not a graph.`);
  return attribute.value;
}

/** What two alternatives have in common: sizes that differ depend on data. */
function common(context: InferenceContext, a: Facts, b: Facts): Facts {
  if (!a || !b || a.dtype !== b.dtype) return undefined;
  if (!a.shape || a.shape.length !== b.shape?.length) return { dtype: a.dtype };
  const other = b.shape;
  const shape: Shape = a.shape.map((dim, axis) =>
    equals(dim, other[axis]) ? dim : context.freshDim('size'),
  );
  const same = a.elements && b.elements?.length === a.elements.length;
  const elements = same && a.elements!.every((e, i) => equals(e, b.elements![i])) ? a.elements : undefined;
  return { dtype: a.dtype, shape, elements };
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

const withoutElements = (facts: Facts): Facts => facts && { dtype: facts.dtype, shape: facts.shape };

/** Stacks what each iteration gives along a new axis. */
const stacked = (facts: Facts, count: Dim, axis = 0): Facts =>
  facts && {
    dtype: facts.dtype,
    shape: facts.shape && [...facts.shape.slice(0, axis), count, ...facts.shape.slice(axis)],
  };

/** Inputs: trip count, condition, carried values. Body outputs: condition, carried values, one slice of each scan. */
const Loop: OperatorRule = {
  hostInputs: [0, 1],
  infer(context) {
    const body = bodyOf(context, 'body');
    const initial = context.operator.inputs.slice(2).map((_, i) => context.input(i + 2));
    const iteration: Facts = { dtype: 'int64', shape: [] };
    // Whenever the body runs, its condition is true.
    const condition: Facts = { dtype: 'bool', shape: [], elements: [1] };
    let goesOn: Facts;
    const { carried, outputs } = settle(context, initial, (state) => {
      const [first, ...rest] = context.inferSubgraph(body, [iteration, condition, ...state]);
      goesOn = first;
      return rest;
    });
    const starts = !hasInput(context, 1) || scalarFrom(context, 1) === 1;
    const trips = scalarFrom(context, 0);
    const runsToTheEnd = starts && numbersOf(goesOn)?.[0] === 1 && trips !== undefined;
    const count = runsToTheEnd ? Math.max(trips, 0) : context.freshDim('iterations');
    const scans = outputs.slice(initial.length).map((facts) => stacked(withoutElements(facts), count));
    return [...carried, ...scans];
  },
};

/** Inputs: state variables, then sequences that are cut along an axis. */
const Scan: OperatorRule = {
  infer(context) {
    const body = bodyOf(context, 'body');
    // Opset 8 had a leading input of lengths and a batch axis.
    if (context.opset < 9) return [];
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

/** Operators with bodies. Costs of a body count once, however often it runs: how often is data. */
export const controlRules: RuleTable = { If, Loop, Scan };
