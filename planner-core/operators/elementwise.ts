import type { DType } from '../graph/dtype';
import type { Dim } from '../graph/dim';
import { broadcast, unify } from './dims';
import { fold, foldElementwise } from './folding';
import { mismatch } from './inferenceProblem';
import { isScalarOperand, keepsInput, likeInput, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, Saved, StepContext, TensorFacts } from './rule';

type Fold = (a: Dim, b: Dim, dtype: DType) => Dim | undefined;

/** Broadcasts all inputs; the result has the type of the first one that is known, or `dtype`. */
function broadcastFacts(
  context: InferenceContext,
  operation?: (values: readonly Dim[], dtype: DType) => Dim | undefined,
  dtype?: DType,
): (TensorFacts | undefined)[] {
  const operands = context.operator.inputs.map((_, index) => context.input(index));
  const known = operands.filter((operand) => operand !== undefined);
  const type = dtype ?? known[0]?.dtype;
  if (!type || operands.length === 0) return [];
  const shapes = operands.flatMap((operand) => (operand?.shape ? [operand.shape] : []));
  if (shapes.length < operands.length) return [{ dtype: type }];
  const shape = broadcast(shapes);
  const elements =
    operation && foldElementwise(operands, shape, type, (values) => operation(values, operands[0]!.dtype));
  return [{ dtype: type, shape, elements }];
}

/** Folds what has both operands; a malformed operator may have fewer. */
const folding =
  (operation: Fold) =>
  ([a, b]: readonly Dim[], dtype: DType): Dim | undefined =>
    b === undefined ? undefined : operation(a, b, dtype);

const binary = (operation: Fold | undefined, traits: Omit<OperatorRule, 'infer'>): OperatorRule => ({
  ...traits,
  infer: (context) => pairFacts(context, operation),
});

/**
 * Two operands. Before opset 7 only the second one was broadcast, from an axis that an attribute gives: the result has
 * the shape of the first.
 */
function pairFacts(
  context: InferenceContext,
  operation: Fold | undefined,
  dtype?: DType,
): (TensorFacts | undefined)[] {
  const isOld = context.operator.domain === '' && context.opset < 7;
  if (!isOld) return broadcastFacts(context, operation && folding(operation), dtype);
  const [a, b] = [context.input(0), context.input(1)];
  const type = dtype ?? a?.dtype;
  if (!type) return [];
  // Lists are followed where nothing is broadcast but a single number.
  const isPlain = b?.elements?.length === 1 || a?.shape?.length === b?.shape?.length;
  const isSame = a?.shape?.every((dim, axis) => b?.shape?.[axis] === dim || b?.elements?.length === 1);
  const elements =
    operation && isPlain && isSame
      ? foldElementwise([a, b], a?.shape, type, ([x, y]) => operation(x, y, type))
      : undefined;
  return [{ dtype: type, shape: a?.shape, elements }];
}

/** Two tensors compared, or combined as truth values: booleans, no gradient. */
const comparison = (operation: Fold): OperatorRule => ({
  differentiable: false,
  infer: (context) => pairFacts(context, operation, 'bool'),
});

/** Any number of tensors, combined pairwise. */
const variadic = (operation: Fold | undefined, traits: Omit<OperatorRule, 'infer'>): OperatorRule => ({
  ...traits,
  infer: (context) =>
    broadcastFacts(
      context,
      operation &&
        ((values, dtype) =>
          values
            .slice(1)
            .reduce<Dim | undefined>(
              (a, b) => (a === undefined ? undefined : operation(a, b, dtype)),
              values[0],
            )),
    ),
});

/** A Python number that an operand was; PyTorch 1 wraps it in a tensor of one float64 or int64 and keeps that. */
const wrappedNumber = ({ pytorch }: StepContext): Saved['extra'] =>
  pytorch && pytorch.major < 2 ? [{ name: 'number', bytes: 8 }] : [];

/** A product needs each factor for the gradient of the other. */
function factorsKept(context: StepContext): Saved {
  const wanted = [0, 1].filter((index) => context.needsGradient(1 - index));
  const inputs = wanted.filter((index) => !isScalarOperand(context, index));
  return { inputs, extra: inputs.length < wanted.length ? wrappedNumber(context) : [] };
}

/** d(a/b) reads b for both operands, and a for the gradient of b. */
function quotientKept(context: StepContext): Saved {
  if (isScalarOperand(context, 1)) return { extra: wrappedNumber(context) };
  return { inputs: context.needsGradient(1) && !isScalarOperand(context, 0) ? [0, 1] : [1] };
}

/** A number as exponent keeps the base only; a tensor keeps both and, for its own gradient, the result. */
function powerKept(context: StepContext): Saved {
  if (isScalarOperand(context, 1)) return { inputs: [0] };
  return { inputs: [0, 1], outputs: context.needsGradient(1) ? [0] : [] };
}

/** The larger or smaller operand is found again by comparing both. A single operand is returned as it is. */
const comparedKept = (context: StepContext): Saved =>
  context.operator.inputs.length < 2 ? {} : { inputs: context.operator.inputs.map((_, index) => index) };

/** Elementwise functions of several tensors, broadcast against each other. */
export const elementwiseRules: RuleTable = {
  Add: binary(fold.add, { passesGradient: true }),
  Sub: binary(fold.subtract, { passesGradient: true }),
  Mul: binary(fold.multiply, { saves: factorsKept }),
  Div: binary(fold.divide, { saves: quotientKept }),
  /** Base and exponent may differ in type: the result has that of the base. */
  Pow: {
    saves: powerKept,
    autocast: 'float',
    infer: (context) => (context.input(0) ? pairFacts(context, fold.power, context.input(0)!.dtype) : []),
  },
  Mod: {
    differentiable: false,
    infer: (context) =>
      broadcastFacts(context, folding(context.int('fmod', 0) ? fold.remainder : fold.modulo)),
  },

  Sum: variadic(fold.add, { passesGradient: true }),
  Mean: variadic(undefined, {}),
  Max: variadic(fold.max, { saves: comparedKept }),
  Min: variadic(fold.min, { saves: comparedKept }),

  Equal: comparison(fold.equal),
  Less: comparison(fold.less),
  LessOrEqual: comparison(fold.lessOrEqual),
  Greater: comparison(fold.greater),
  GreaterOrEqual: comparison(fold.greaterOrEqual),
  And: comparison(fold.and),
  Or: comparison(fold.or),
  Xor: comparison(fold.xor),

  BitShift: binary(undefined, { differentiable: false }),
  BitwiseAnd: binary(undefined, { differentiable: false }),
  BitwiseOr: binary(undefined, { differentiable: false }),
  BitwiseXor: binary(undefined, { differentiable: false }),

  /** Keeps the condition at its own shape: 1 byte an element. */
  Where: {
    saves: keepsInput,
    infer(context) {
      const dtype = (context.input(1) ?? context.input(2))?.dtype;
      if (!dtype) return [];
      return broadcastFacts(
        context,
        ([condition, a, b]) => (typeof condition === 'number' ? (condition === 0 ? b : a) : undefined),
        dtype,
      );
    },
  },

  /** silu(a) * b, in PyTorch two operators: the gate, what it becomes, and the value. */
  SwiGLU: {
    infer(context) {
      const [a, b] = [context.input(0), context.input(1)];
      if (a?.shape && b?.shape && a.shape.length !== b.shape.length) {
        throw mismatch(`Ranks ${a.shape.length} and ${b.shape.length} differ.`);
      }
      const shape = a?.shape?.map((dim, axis) =>
        unify(dim, b?.shape?.[axis] ?? dim, `Sizes of axis ${axis}`),
      );
      return [a && { dtype: a.dtype, shape }];
    },
    saves: (context) => ({
      inputs: [0, 1],
      extra: [{ name: 'activated gate', bytes: context.input(0)?.bytes ?? 0 }],
    }),
  },

  /** Limits are Python numbers (clamp, relu6), inputs since opset 11. */
  Clip: {
    hostInputs: [1, 2],
    nonDifferentiableInputs: [1, 2],
    saves: keepsInput,
    infer(context) {
      const x = context.input(0);
      if (!x) return [];
      const limits = [1, 2].map((index) => context.input(index));
      const elements =
        context.operator.inputs.length > 1 && limits.every((limit) => limit?.elements?.length === 1)
          ? foldElementwise([x, ...limits], x.shape, x.dtype, ([value, least, most]) => {
              const raised = fold.max(value, least);
              return raised === undefined ? undefined : fold.min(raised, most);
            })
          : undefined;
      return [{ dtype: x.dtype, shape: x.shape, elements }];
    },
  },

  /** The slope is broadcast to the input. Its gradient is computed at full size, then summed. */
  PRelu: { infer: likeInput(), autocast: 'half', saves: () => ({ inputs: [0, 1] }) },
};
