import { as, asAten, type Lowering, type LoweringTable } from '../call';

const binary = (type: string): Lowering => as(type, ['self', 'other']);

/** Numbers on the other side: 1 - x. */
const reversed = (type: string): Lowering => as(type, ['other', 'self']);

/** Rounds towards zero or down where `rounding_mode` says so: then there is no gradient. */
const divide: Lowering = (call) =>
  call.text('rounding_mode') === undefined
    ? binary('Div')(call)
    : asAten('floor_divide', 'self', 'other')(call);

const power: Lowering = (call) => ({ type: 'Pow', inputs: [call.tensor('self'), call.tensor('exponent')] });

/** `aten.max.other` is elementwise; other overloads of the name reduce. */
const onOverload =
  (overload: string, lowering: Lowering): Lowering =>
  (call) =>
    call.overload === overload ? lowering(call) : undefined;

export const extremes = {
  maximum: binary('Max'),
  minimum: binary('Min'),
  max: onOverload('other', binary('Max')),
  min: onOverload('other', binary('Min')),
};

/** Elementwise calls on several tensors, or on a tensor and a number. */
export const elementwiseCalls: LoweringTable = {
  add: binary('Add'),
  sub: binary('Sub'),
  subtract: binary('Sub'),
  rsub: reversed('Sub'),
  mul: binary('Mul'),
  multiply: binary('Mul'),
  div: divide,
  divide,
  true_divide: binary('Div'),
  floor_divide: asAten('floor_divide', 'self', 'other'),
  remainder: asAten('remainder', 'self', 'other'),
  fmod: asAten('remainder', 'self', 'other'),
  pow: power,
  maximum: extremes.maximum,
  minimum: extremes.minimum,
  fmax: extremes.maximum,
  fmin: extremes.minimum,
  eq: binary('Equal'),
  ne: asAten('ne', 'self', 'other'),
  lt: binary('Less'),
  le: binary('LessOrEqual'),
  gt: binary('Greater'),
  ge: binary('GreaterOrEqual'),
  logical_and: binary('And'),
  logical_or: binary('Or'),
  logical_xor: binary('Xor'),
  bitwise_and: binary('BitwiseAnd'),
  bitwise_or: binary('BitwiseOr'),
  bitwise_xor: binary('BitwiseXor'),
  __and__: binary('And'),
  __or__: binary('Or'),
  __xor__: binary('Xor'),
  __lshift__: binary('BitShift'),
  __rshift__: binary('BitShift'),
  bitwise_left_shift: binary('BitShift'),
  bitwise_right_shift: binary('BitShift'),
  where: as('Where', ['condition', 'self', 'other']),
  masked_fill: asAten('masked_fill', 'self', 'mask', 'value'),
  addcmul: asAten('addcmul', 'self', 'tensor1', 'tensor2'),
  addcdiv: asAten('addcdiv', 'self', 'tensor1', 'tensor2'),
  lerp: asAten('lerp', 'self', 'end', 'weight'),
  atan2: asAten('atan2', 'self', 'other'),
};
