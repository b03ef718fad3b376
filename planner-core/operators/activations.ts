import type { Dim } from '../graph/dim';
import { atLeastZero } from './dims';
import { foldElementwise } from './folding';
import { keepsInput, keepsOutput, likeInput, type RuleTable } from './parts';
import type { AutocastClass, OperatorRule, Saved, StepContext } from './rule';

interface UnaryTraits {
  /** What the backward formula reads (derivatives.yaml). */
  readonly keeps?: 'input' | 'output';
  /** The formula of the in-place form reads the result, since the input is gone. */
  readonly keepsResultInPlace?: boolean;
  readonly autocast?: AutocastClass;
  readonly differentiable?: boolean;
  readonly passesGradient?: boolean;
  /** The function on one element, where sizes or scales are computed with it. */
  readonly of?: (x: number) => number;
  /** What the function does to an integer expression; undefined when it cannot be expressed. */
  readonly ofSize?: (x: Dim) => Dim | undefined;
}

/** y = f(x) element by element: same type, same shape. */
function unary({ keeps, keepsResultInPlace, of, ofSize, ...traits }: UnaryTraits): OperatorRule {
  return {
    ...traits,
    infer(context) {
      const x = context.input(0);
      if (!x || !of) return likeInput()(context);
      const elements = foldElementwise([x], x.shape, x.dtype, ([value]) =>
        typeof value === 'number' ? of(value) : ofSize?.(value),
      );
      return [{ dtype: x.dtype, shape: x.shape, elements }];
    },
    saves: keepsResultInPlace
      ? (context) => (context.int('inplace', 0) ? keepsOutput() : keepsInput())
      : keeps === 'input'
        ? keepsInput
        : keeps === 'output'
          ? keepsOutput
          : undefined,
  };
}

/** A predicate: booleans, no gradient. */
const predicate: OperatorRule = {
  differentiable: false,
  infer: (context) => [{ dtype: 'bool', shape: context.input(0)?.shape }],
};

const unchanged = (x: Dim): Dim => x;

/** ONNX rounds halves to even. */
const roundHalfEven = (x: number): number => {
  const low = Math.floor(x);
  return x - low === 0.5 ? low + (low % 2 === 0 ? 0 : 1) : Math.round(x);
};

/** Composed of several ATen operators: keeps the input and the intermediate results its formula reads. */
const composed =
  (intermediates: number) =>
  (context: StepContext): Saved => ({
    inputs: [0],
    extra: [{ name: 'intermediate', bytes: intermediates * (context.output(0)?.bytes ?? 0) }],
  });

/** Elementwise functions of one tensor. */
export const activationRules: RuleTable = {
  // Backward reads the result.
  Relu: unary({ keeps: 'output', of: (x) => Math.max(x, 0), ofSize: atLeastZero }),
  Sigmoid: unary({ keeps: 'output' }),
  Tanh: unary({ keeps: 'output' }),
  Exp: unary({ keeps: 'output', autocast: 'float', of: Math.exp }),
  Sqrt: unary({ keeps: 'output', of: Math.sqrt }),
  Reciprocal: unary({ keeps: 'output', autocast: 'float', of: (x) => 1 / x }),
  Tan: unary({ keeps: 'output', autocast: 'float' }),

  // Backward reads the input.
  LeakyRelu: unary({ keeps: 'input', keepsResultInPlace: true }),
  ThresholdedRelu: unary({ keeps: 'input', keepsResultInPlace: true }),
  Elu: unary({ keeps: 'input', keepsResultInPlace: true }),
  Celu: unary({ keeps: 'input', keepsResultInPlace: true }),
  Selu: unary({ keeps: 'input', keepsResultInPlace: true }),
  HardSigmoid: unary({ keeps: 'input' }),
  HardSwish: unary({ keeps: 'input' }),
  Swish: unary({ keeps: 'input' }),
  Mish: unary({ keeps: 'input' }),
  Gelu: unary({ keeps: 'input' }),
  Softplus: unary({ keeps: 'input', autocast: 'float' }),
  Shrink: unary({ keeps: 'input' }),
  Erf: unary({ keeps: 'input' }),
  Log: unary({ keeps: 'input', autocast: 'float', of: Math.log }),
  Abs: unary({ keeps: 'input', of: Math.abs, ofSize: unchanged }),
  Sin: unary({ keeps: 'input' }),
  Cos: unary({ keeps: 'input' }),
  Asin: unary({ keeps: 'input', autocast: 'float' }),
  Acos: unary({ keeps: 'input', autocast: 'float' }),
  Atan: unary({ keeps: 'input' }),
  Sinh: unary({ keeps: 'input', autocast: 'float' }),
  Cosh: unary({ keeps: 'input', autocast: 'float' }),
  Asinh: unary({ keeps: 'input' }),
  Acosh: unary({ keeps: 'input' }),
  Atanh: unary({ keeps: 'input' }),
  /** x / (1 + |x|): the input, for |x|, and the denominator. */
  Softsign: { infer: likeInput(), saves: composed(1) },

  // Nothing to keep: linear, or the gradient is zero.
  Neg: unary({ of: (x) => -x }),
  Sign: unary({ differentiable: false, of: Math.sign }),
  Floor: unary({ differentiable: false, of: Math.floor, ofSize: unchanged }),
  Ceil: unary({ differentiable: false, of: Math.ceil, ofSize: unchanged }),
  Round: unary({ differentiable: false, of: roundHalfEven, ofSize: unchanged }),
  BitwiseNot: unary({ differentiable: false }),
  Not: unary({ differentiable: false, of: (x) => (x === 0 ? 1 : 0) }),
  IsNaN: predicate,
  IsInf: predicate,
};
