import type { Dim } from '../graph/dim';
import { dtypeNamed } from '../formats/onnx/dataTypes';
import { bytesOf, isFloat, type DType } from '../graph/dtype';
import { foldElementwise } from './folding';
import { typeAttribute } from './generators';
import { badAttribute, mismatch } from './inferenceProblem';
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

/** Before opset 6 the type had its name in TensorProto.DataType. */
function namedType(context: InferenceContext): DType {
  const name = context.string('to') ?? '';
  const dtype = dtypeNamed(name);
  if (dtype === 'undefined') throw badAttribute(`to is "${name}", which is no element type.`);
  return dtype;
}

/** The same bits read as another type of the same width. */
const BitCast: OperatorRule = {
  differentiable: false,
  storage: wholeView,
  infer(context) {
    if (!context.attribute('to')) throw badAttribute('Attribute to is missing.');
    const dtype = typeAttribute(context, 'to', 'undefined');
    const x = context.input(0);
    if (x && bytesOf(x.dtype, 8) !== bytesOf(dtype, 8)) {
      throw mismatch(`${x.dtype} and ${dtype} elements differ in width.`);
    }
    return [{ dtype, shape: x?.shape }];
  },
};

/** Conversions between element types. */
export const castRules: RuleTable = {
  Cast: {
    storage,
    passesGradient: true,
    infer(context) {
      if (!context.attribute('to')) throw badAttribute('Attribute to is missing.');
      return cast(
        context,
        context.opset < 6 ? namedType(context) : typeAttribute(context, 'to', 'undefined'),
      );
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
