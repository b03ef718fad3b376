import { bytesOf } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { countOf } from './dims';
import { numbersOf } from './folding';
import { mismatch } from './inferenceProblem';
import type {
  ConcreteTensor,
  InferenceContext,
  OperatorRule,
  Saved,
  StepContext,
  StorageRule,
  TensorFacts,
} from './rule';

/** Rules of one family, by operator type. */
export type RuleTable = Readonly<Record<string, OperatorRule>>;

/** True when an optional input is given, whether or not anything is known about it. */
export function hasInput(context: { operator: { inputs: readonly number[] } }, index: number): boolean {
  return (context.operator.inputs[index] ?? -1) >= 0;
}

/** The first output has type and shape of input `index`. */
export const likeInput =
  (index = 0) =>
  (context: InferenceContext): (TensorFacts | undefined)[] => {
    const input = context.input(index);
    return [input && { dtype: input.dtype, shape: input.shape }];
  };

/**
 * Integers given by an input in newer operator sets and by an attribute in older ones: the numbers, 'absent' when
 * neither is there, 'unknown' when the input is not a known constant.
 */
export function intsFrom(
  context: InferenceContext,
  index: number,
  attribute: string,
): readonly number[] | 'absent' | 'unknown' {
  if (hasInput(context, index)) return numbersOf(context.input(index)) ?? 'unknown';
  return context.ints(attribute) ?? 'absent';
}

/** The single number a constant input holds; undefined when it is not known. */
export function scalarFrom(context: InferenceContext, index: number): number | undefined {
  const numbers = numbersOf(context.input(index));
  return numbers?.length === 1 ? numbers[0] : undefined;
}

/** No runtime has tensors of more axes; a file that asks for them is damaged. */
const mostAxes = 1024;

/** A shape of `rank` sizes that depend on data. Throws InferenceProblem for a rank no tensor has. */
export function freshShape(context: InferenceContext, rank: number, hint = 'size'): Shape {
  if (rank < 0 || rank > mostAxes) throw mismatch(`A tensor of rank ${rank}.`);
  return Array.from({ length: rank }, () => context.freshDim(hint));
}

/** How many elements a one-dimensional tensor has, as far as its shape says. */
export function lengthOf(facts: TensorFacts | undefined): number | undefined {
  return facts?.shape?.length === 1 ? countOf(facts.shape) : undefined;
}

export const newStorage: StorageRule = { kind: 'new' };

/**
 * All of input 0 under another shape. The rule cannot see strides: eager PyTorch copies instead where the input's
 * layout does not allow a view (a reshape after a transpose), which the caller decides.
 */
export const wholeView = (): StorageRule => ({ kind: 'view', of: 0, whole: true });

/** A window onto input 0, which it keeps alive; `whole` when it happens to cover it. */
export const partialView = (context: StepContext): StorageRule => ({
  kind: 'view',
  of: 0,
  whole: context.output(0)?.elements === context.input(0)?.elements,
});

export const keepsInput = (): Saved => ({ inputs: [0] });
export const keepsOutput = (): Saved => ({ outputs: [0] });

/**
 * A number rather than a tensor in the eager program: autograd does not keep it. One element that is not trained and
 * not computed from what is.
 */
export function isScalarOperand(context: StepContext, index: number): boolean {
  const operand = context.input(index);
  return operand?.elements === 1 && operand.role !== 'parameter' && !context.needsGradient(index);
}

/** A buffer that the forward pass makes and keeps: `elements` of 4-byte floats. */
export const floats = (name: string, elements: number): { name: string; bytes: number } => ({
  name,
  bytes: bytesOf('float32', elements),
});

/** Product of the sizes from axis `from` up to, not including, `to`. */
export function span(tensor: ConcreteTensor, from: number, to = tensor.shape.length): number {
  return tensor.shape.slice(from, to).reduce((product, size) => product * size, 1);
}
