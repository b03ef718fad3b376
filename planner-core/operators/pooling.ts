import { bytesOf } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { badAttribute, mismatch } from './inferenceProblem';
import { numbersOf } from './folding';
import { keepsInput, type RuleTable } from './parts';
import { meanKept } from './reductions';
import type { InferenceContext, OperatorRule, Saved, StepContext } from './rule';
import { slidingSizes, transposedSizes, windowOf, type Window } from './window';

function pooled(
  context: InferenceContext,
  sizes: (spatial: Shape, window: Window) => Shape,
): Shape | undefined {
  const shape = context.input(0)?.shape;
  if (!shape) return undefined;
  if (shape.length < 3) throw mismatch(`Rank ${shape.length}: there is no spatial axis.`);
  const kernel = context.ints('kernel_shape');
  if (!kernel) throw badAttribute('Attribute kernel_shape is missing.');
  return [...shape.slice(0, 2), ...sizes(shape.slice(2), windowOf(context, kernel))];
}

const poolingFacts: OperatorRule['infer'] = (context) => {
  const x = context.input(0);
  if (!x) return [];
  const shape = pooled(context, slidingSizes);
  return [
    { dtype: x.dtype, shape },
    { dtype: 'int64', shape },
  ];
};

/** All spatial axes become 1. */
const globalFacts: OperatorRule['infer'] = (context) => {
  const x = context.input(0);
  if (!x?.shape) return [x && { dtype: x.dtype }];
  if (x.shape.length < 2) throw mismatch(`Rank ${x.shape.length}: there is no channel axis.`);
  return [{ dtype: x.dtype, shape: x.shape.map((dim, axis) => (axis < 2 ? dim : 1)) }];
};

/** Where each maximum was found: int64 whatever the data type. */
function maximaKept(context: StepContext): Saved {
  if (context.output(1)) return { inputs: [0], outputs: [1] };
  const maxima = context.output(0)?.elements ?? 0;
  return { inputs: [0], extra: [{ name: 'indices', bytes: bytesOf('int64', maxima) }] };
}

/** PyTorch makes the indices whether or not a gradient will need them: without one they are dropped at once. */
function unwantedMaxima(context: StepContext): number {
  if (context.output(1) || context.needsGradient(0)) return 0;
  return bytesOf('int64', context.output(0)?.elements ?? 0);
}

/** Composed in PyTorch: the powers, their windowed mean, and its root. */
const lpKept = (context: StepContext): Saved => ({
  inputs: [0],
  outputs: [0],
  extra: [
    { name: 'powers', bytes: context.input(0)?.bytes ?? 0 },
    { name: 'windowed mean', bytes: context.output(0)?.bytes ?? 0 },
  ],
});

/** Puts maxima back where MaxPool found them. */
const MaxUnpool: OperatorRule = {
  hostInputs: [2],
  saves: () => ({ inputs: [1] }),
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    const declared = numbersOf(context.input(2));
    const shape = declared ?? pooled(context, (spatial, window) => transposedSizes(spatial, window, []));
    return [{ dtype: x.dtype, shape }];
  },
};

/** One window for each region of interest. */
const regions =
  (sizes: (context: InferenceContext) => readonly number[] | undefined): OperatorRule['infer'] =>
  (context) => {
    const x = context.input(0);
    const rois = context.input(1)?.shape;
    if (!x?.shape || !rois) return [x && { dtype: x.dtype }];
    const spatial = sizes(context);
    if (!spatial) throw badAttribute('The pooled size is missing.');
    return [{ dtype: x.dtype, shape: [rois[0], x.shape[1], ...spatial] }];
  };

export const poolingRules: RuleTable = {
  MaxPool: { infer: poolingFacts, saves: maximaKept, workspaceBytes: unwantedMaxima },
  /** Keeps its input although the derivative only needs its sizes. */
  AveragePool: { infer: poolingFacts, saves: keepsInput },
  LpPool: { infer: poolingFacts, saves: lpKept },
  /** A mean over the spatial axes. */
  GlobalAveragePool: { infer: globalFacts, saves: meanKept },
  GlobalMaxPool: { infer: globalFacts, saves: maximaKept },
  GlobalLpPool: { infer: globalFacts, saves: () => ({ inputs: [0], outputs: [0] }) },
  MaxUnpool,
  RoiAlign: {
    infer: regions((context) => [context.int('output_height', 1), context.int('output_width', 1)]),
    saves: () => ({ inputs: [1] }),
  },
  MaxRoiPool: { infer: regions((context) => context.ints('pooled_shape')), saves: maximaKept },
};
