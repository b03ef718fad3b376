import { multiply } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { convolutionWorkspace, transposedWorkspace } from './convolutionWorkspace';
import { unify } from './dims';
import { badAttribute, mismatch } from './inferenceProblem';
import { span, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, Saved, StepContext, TensorFacts } from './rule';
import { slidingSizes, transposedSizes, windowOf } from './window';

/** Convolutions keep both operands whatever needs a gradient: their derivative has no such guard. */
const operandsKept = (): Saved => ({ inputs: [0, 1] });

/** Input and weight of a convolution, when both ranks are known and fit. */
function operands(
  context: InferenceContext,
  weightIndex: number,
): { x: Shape; weight: Shape; groups: number } | undefined {
  const x = context.input(0)?.shape;
  const weight = context.input(weightIndex)?.shape;
  if (!x || !weight) return undefined;
  if (x.length < 3 || weight.length !== x.length) {
    throw mismatch(`An input of rank ${x.length} and a weight of rank ${weight.length} do not go together.`);
  }
  const groups = context.int('group', 1);
  if (groups < 1) throw badAttribute('group must be positive.');
  return { x, weight, groups };
}

/** Kernel sizes: the weight's, which the attribute only repeats. */
function kernelOf(context: InferenceContext, weight: Shape): Shape {
  const declared = context.ints('kernel_shape');
  const kernel = weight.slice(2);
  if (declared && declared.length !== kernel.length) {
    throw badAttribute(`kernel_shape has ${declared.length} entries for ${kernel.length} spatial axes.`);
  }
  return kernel.map((size, axis) => (declared ? unify(size, declared[axis], 'Kernel size') : size));
}

/** Shape of a convolution with its weight at input `weightIndex`. */
export function convolutionShape(context: InferenceContext, weightIndex = 1): Shape | undefined {
  const found = operands(context, weightIndex);
  if (!found) return undefined;
  const { x, weight, groups } = found;
  unify(x[1], multiply(weight[1], groups), 'Channels of input and weight');
  return [x[0], weight[0], ...slidingSizes(x.slice(2), windowOf(context, kernelOf(context, weight)))];
}

function transposedShape(context: InferenceContext): Shape | undefined {
  const found = operands(context, 1);
  if (!found) return undefined;
  const { x, weight, groups } = found;
  unify(x[1], weight[0], 'Channels of input and weight');
  const channels = multiply(weight[1], groups);
  const declared = context.ints('output_shape');
  if (declared) {
    if (declared.length < x.length - 2) throw badAttribute('output_shape has too few entries.');
    return [x[0], channels, ...declared.slice(declared.length - (x.length - 2))];
  }
  const window = windowOf(context, kernelOf(context, weight));
  return [x[0], channels, ...transposedSizes(x.slice(2), window, context.ints('output_padding') ?? [])];
}

const withType = (context: InferenceContext, shape: Shape | undefined): (TensorFacts | undefined)[] => {
  const x = context.input(0);
  return [x && { dtype: x.dtype, shape }];
};

/** Every output element sums over the weights of one filter. */
export function convolutionMacs(context: StepContext): number {
  const weight = context.input(1);
  return weight ? (context.output(0)?.elements ?? 0) * span(weight, 1) : 0;
}

/** Every input element is spread over the weights of its channel. */
function transposedMacs(context: StepContext): number {
  const weight = context.input(1);
  return weight ? (context.input(0)?.elements ?? 0) * span(weight, 1) : 0;
}

/** Offsets (input 2) and mask (input 4) are tensors with gradients of their own (torchvision deform_conv2d). */
const DeformConv: OperatorRule = {
  infer: (context) => withType(context, convolutionShape(context)),
  macs: convolutionMacs,
  saves: (context) => ({ inputs: context.operator.inputs.map((_, index) => index) }),
};

/** Rules of convolutions. Workspaces of cuDNN depend on the algorithm it picks and are not modelled. */
export const convolutionRules: RuleTable = {
  Conv: {
    autocast: 'half',
    infer: (context) => withType(context, convolutionShape(context)),
    macs: convolutionMacs,
    saves: operandsKept,
    workspaceBytes: convolutionWorkspace,
  },
  ConvTranspose: {
    autocast: 'half',
    infer: (context) => withType(context, transposedShape(context)),
    macs: transposedMacs,
    saves: operandsKept,
    workspaceBytes: transposedWorkspace,
  },
  DeformConv,
};
