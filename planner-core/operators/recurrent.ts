import { multiply, type Dim } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { unify } from './dims';
import { badAttribute, mismatch } from './inferenceProblem';
import { floats, type RuleTable } from './parts';
import {
  cellsKept,
  copiesInput,
  lstmLayerKept,
  zeroStates,
  type CellMemory,
  type LayerSizes,
} from './recurrentMemory';
import type { InferenceContext, OperatorRule, Saved, StepContext, TensorFacts } from './rule';

interface CellTraits {
  /** Matrix products per step, each of the hidden size: gates, and the candidate. */
  readonly gates: number;
  /** When cells run one by one (CPU). */
  readonly kept: CellMemory;
  /** Hidden-sized tensors per time step and direction in cuDNN's reserve space; an estimate, its layout is private. */
  readonly reservePerStep: number;
  readonly hasCellState: boolean;
}

const cells = {
  /** Four gates, the cell state, its tanh and the hidden state. */
  LSTM: { gates: 4, kept: { perStep: 7, lessAtEnd: 0 }, reservePerStep: 6, hasCellState: true },
  /** Three gates in one tensor, of the third a copy too, the candidate, its distance to the state, and the state. */
  GRU: { gates: 3, kept: { perStep: 7, lessAtEnd: 1 }, reservePerStep: 5, hasCellState: false },
  /** The hidden state. */
  RNN: { gates: 1, kept: { perStep: 1, lessAtEnd: 0 }, reservePerStep: 2, hasCellState: false },
} satisfies Record<string, CellTraits>;

interface Sizes {
  readonly time: Dim;
  readonly batch: Dim;
  readonly directions: Dim;
  readonly hidden: Dim;
}

function sizesOf(context: InferenceContext, gates: number): Sizes | undefined {
  const x = context.input(0)?.shape;
  const weight = context.input(1)?.shape;
  const recurrent = context.input(2)?.shape;
  if (!x || !weight) return undefined;
  if (x.length !== 3 || weight.length !== 3) throw mismatch('The input and its weight must have rank 3.');
  const direction = context.string('direction') ?? 'forward';
  if (!['forward', 'reverse', 'bidirectional'].includes(direction.toLowerCase())) {
    throw badAttribute(`direction is "${direction}".`);
  }
  unify(weight[0], direction.toLowerCase() === 'bidirectional' ? 2 : 1, 'Directions of weight and attribute');
  const batchFirst = context.int('layout', 0) !== 0;
  const declared = context.int('hidden_size');
  const hidden = declared ?? recurrent?.[2] ?? context.freshDim('hidden');
  const rows = weight[1];
  const expected = multiply(hidden, gates);
  if (typeof rows === 'number' && typeof expected === 'number' && rows !== expected) {
    throw mismatch(`A weight of ${rows} rows does not hold ${gates} gates of ${String(hidden)}.`);
  }
  return { time: x[batchFirst ? 1 : 0], batch: x[batchFirst ? 0 : 1], directions: weight[0], hidden };
}

function infer(context: InferenceContext, cell: CellTraits): (TensorFacts | undefined)[] {
  const x = context.input(0);
  if (!x) return [];
  return results(context, x, sizesOf(context, cell.gates));
}

/** The sequence, then the last hidden state and the last cell state. */
function results(context: InferenceContext, x: TensorFacts, sizes: Sizes | undefined): TensorFacts[] {
  const facts = (shape: Shape | undefined): TensorFacts => ({ dtype: x.dtype, shape });
  if (!sizes) return [facts(undefined), facts(undefined), facts(undefined)];
  const { time, batch, directions, hidden } = sizes;
  const batchFirst = context.int('layout', 0) !== 0;
  const states = facts(batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]);
  const sequence = facts(batchFirst ? [batch, time, directions, hidden] : [time, directions, batch, hidden]);
  return [sequence, states, states];
}

/** Hidden-sized units of work: time steps * samples * directions * hidden size. */
function hiddenElements(context: StepContext): number {
  const x = context.input(0);
  if (x?.shape.length !== 3) return 0;
  const directions = context.string('direction')?.toLowerCase() === 'bidirectional' ? 2 : 1;
  return x.shape[0] * x.shape[1] * directions * hiddenSize(context);
}

const hiddenSize = (context: StepContext): number =>
  context.int('hidden_size', 0) || (context.input(2)?.shape[2] ?? 0);

/**
 * On the CPU the cells run one by one, or PyTorch 2 runs an LSTM in oneDNN. cuDNN keeps its operands, the result and a
 * reserve space. The weights are not listed: what the file feeds to inputs 1 to 3 are copies with reordered gates that only
 * the exporter makes; eager PyTorch keeps the parameters themselves.
 */
function saves(context: StepContext, cell: CellTraits, states: readonly number[]): Saved {
  const sizes = layerSizes(context);
  if (!sizes) return { inputs: [0] };
  if (context.semantics === 'cpu') {
    // What cells of PyTorch 1 keep of an LSTM has its initial states in it.
    if (cell.hasCellState && !isOneKernel(context, cell)) return cellsKept(context, sizes, cell.kept);
    const kept = cell.hasCellState ? lstmLayerKept(sizes) : cellsKept(context, sizes, cell.kept);
    const zeros = zeroStates(context, states, sizes) ?? [];
    return { ...kept, inputs: [0, ...states], extra: [...(kept.extra ?? []), ...zeros] };
  }
  return {
    inputs: [0, ...states],
    outputs: [0],
    extra: [floats('reserve', cell.reservePerStep * hiddenElements(context))],
  };
}

function layerSizes(context: StepContext): LayerSizes | undefined {
  const [x, result] = [context.input(0)?.shape, context.output(0)?.shape];
  if (x?.length !== 3) return undefined;
  const [time, batch] = context.int('layout', 0) ? [x[1], x[0]] : x;
  const isBidirectional = context.string('direction')?.toLowerCase() === 'bidirectional';
  const hidden = result?.[3] ?? hiddenSize(context);
  return { time, batch, directions: isBidirectional ? 2 : 1, inputs: x[2], hidden };
}

/** Since PyTorch 2, oneDNN runs whole LSTM layers on the CPU; everything else goes cell by cell. */
const isOneKernel = ({ pytorch }: StepContext, cell: CellTraits): boolean =>
  cell.hasCellState && pytorch?.major !== 1;

const hasGradient = (context: StepContext): boolean =>
  [0, 1, 2].some((index) => context.needsGradient(index));

/** Cells have no use for the contiguous copy once the product for all steps is computed, unless autograd keeps it. */
function contiguousInput(context: StepContext, cell: CellTraits): { input: number; bytes: number }[] {
  const isHeld = isOneKernel(context, cell) || hasGradient(context);
  if (context.semantics !== 'cpu' || !isHeld || !copiesInput(context)) return [];
  return [{ input: 0, bytes: context.input(0)?.bytes ?? 0 }];
}

/**
 * Cells that run one by one on the CPU compute the gates' inputs of all time steps at once, and collect the steps'
 * results in a list before they stack them (RNN.cpp, FullLayer); with gradients that list is what they keep anyway.
 * PyTorch 2 runs LSTM in oneDNN.
 */
function stepsWorkspace(context: StepContext, cell: CellTraits): number {
  if (context.semantics !== 'cpu' || isOneKernel(context, cell)) return 0;
  return floats('', (cell.gates + (hasGradient(context) ? 0 : 1)) * hiddenElements(context)).bytes;
}

const recurrentRule = (cell: CellTraits): OperatorRule => ({
  autocast: 'half',
  nonDifferentiableInputs: [4],
  infer: (context) => infer(context, cell),
  macs(context) {
    const inputs = context.input(0)?.shape[2] ?? 0;
    return hiddenElements(context) * cell.gates * (inputs + hiddenSize(context));
  },
  saves: (context) => saves(context, cell, cell.hasCellState ? [5, 6] : [5]),
  copies: (context) => contiguousInput(context, cell),
  workspaceBytes: (context) => stepsWorkspace(context, cell),
});

/** Recurrent layers: one operator runs all time steps of one layer. */
export const recurrentRules: RuleTable = {
  LSTM: recurrentRule(cells.LSTM),
  GRU: recurrentRule(cells.GRU),
  RNN: recurrentRule(cells.RNN),
};

/** Inputs of the calls below that come before the parameters. */
export const recurrentCallInputs = 3;

/** torch.lstm and the like: sequence, initial hidden and cell state, then the parameters as PyTorch has them. */
const recurrentCall = (cell: CellTraits): OperatorRule => ({
  ...recurrentRule(cell),
  nonDifferentiableInputs: [],
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    const batchFirst = context.int('layout', 0) !== 0;
    const directions = context.string('direction')?.toLowerCase() === 'bidirectional' ? 2 : 1;
    const [first, second] = x.shape ?? [];
    const sizes = first !== undefined &&
      second !== undefined && {
        time: batchFirst ? second : first,
        batch: batchFirst ? first : second,
        directions,
        hidden: context.int('hidden_size') ?? context.freshDim('hidden'),
      };
    return results(context, x, sizes || undefined);
  },
  saves: (context) => saves(context, cell, cell.hasCellState ? [1, 2] : [1]),
});

/** The same layers as the calls they are in PyTorch (domain 'aten'). */
export const recurrentCalls: RuleTable = {
  LSTM: recurrentCall(cells.LSTM),
  GRU: recurrentCall(cells.GRU),
  RNN: recurrentCall(cells.RNN),
};
