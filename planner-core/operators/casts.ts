import type { Dim } from '../graph/dim';
import { isFloat, type DType } from '../graph/dtype';
import { foldElementwise } from './folding';
import { typeAttribute } from './generators';
import { badAttribute } from './inferenceProblem';
import { newStorage, wholeView, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, StepContext, StorageRule, TensorFacts } from './rule';

/** A conversion to the type a tensor already has returns the tensor itself. */
const storage = (context: StepContext): StorageRule =>
  context.input(0)?.dtype === context.output(0)?.dtype ? wholeView() : newStorage;

function converted(value: Dim, dtype: DType): Dim | undefined {
  if (typeof value !== 'number') return dtype === 'bool' ? undefined : value;
  if (dtype === 'bool') return value === 0 ? 0 : 1;
  return isFloat(dtype) ? value : Number.isFinite(value) ? Math.trunc(value) : undefined;
}

function cast(context: InferenceContext, dtype: DType): (TensorFacts | undefined)[] {
  const x = context.input(0);
  const elements = x && foldElementwise([x], x.shape, dtype, ([value]) => converted(value, dtype));
  return [{ dtype, shape: x?.shape, elements }];
}

/** The same bits read as another type: the last axis changes with the width. */
const BitCast: OperatorRule = {
  differentiable: false,
  storage: wholeView,
  infer: (context) => [{ dtype: typeAttribute(context, 'to', 'undefined'), shape: context.input(0)?.shape }],
};

/** Conversions between element types. */
export const castRules: RuleTable = {
  Cast: {
    storage,
    passesGradient: true,
    infer(context) {
      const code = context.int('to');
      if (code === undefined) throw badAttribute('Attribute to is missing.');
      return cast(context, typeAttribute(context, 'to', 'undefined'));
    },
  },
  CastLike: {
    storage,
    passesGradient: true,
    shapeOnlyInputs: [1],
    nonDifferentiableInputs: [1],
    infer(context) {
      const like = context.input(1);
      return like ? cast(context, like.dtype) : [];
    },
  },
  BitCast,
};
