import { as, asAten, given, int, type Lowering, type LoweringTable } from '../call';

/** Functions whose in-place form keeps its result where the other one keeps its input (derivatives.yaml, `result`). */
const overwriting =
  (type: string): Lowering =>
  (call) => ({
    type,
    inputs: [call.tensor('self')],
    attributes: given({ inplace: call.isInPlace ? int(1) : undefined }),
  });

const unary = (type: string): Lowering => as(type, ['self']);

/** By the names ATen and ONNX give the same function of one tensor. */
const same: Readonly<Record<string, string>> = {
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  exp: 'Exp',
  sqrt: 'Sqrt',
  reciprocal: 'Reciprocal',
  tan: 'Tan',
  hardsigmoid: 'HardSigmoid',
  hardswish: 'HardSwish',
  silu: 'Swish',
  mish: 'Mish',
  gelu: 'Gelu',
  softplus: 'Softplus',
  hardshrink: 'Shrink',
  softshrink: 'Shrink',
  erf: 'Erf',
  log: 'Log',
  abs: 'Abs',
  sin: 'Sin',
  cos: 'Cos',
  asin: 'Asin',
  acos: 'Acos',
  atan: 'Atan',
  sinh: 'Sinh',
  cosh: 'Cosh',
  asinh: 'Asinh',
  acosh: 'Acosh',
  atanh: 'Atanh',
  neg: 'Neg',
  sign: 'Sign',
  sgn: 'Sign',
  floor: 'Floor',
  ceil: 'Ceil',
  round: 'Round',
  logical_not: 'Not',
  bitwise_not: 'BitwiseNot',
  isnan: 'IsNaN',
  isinf: 'IsInf',
};

/** Where bounds are Python numbers a clamp keeps its input, else the bounds as well. */
const clamp: Lowering = (call) =>
  call.overload === 'Tensor'
    ? asAten('clamp_to_tensors', 'self', 'min', 'max')(call)
    : { type: 'Clip', inputs: [call.tensor('self')] };

export const activationCalls: LoweringTable = {
  ...Object.fromEntries(Object.entries(same).map(([name, type]) => [name, unary(type)])),
  absolute: unary('Abs'),
  negative: unary('Neg'),
  leaky_relu: overwriting('LeakyRelu'),
  elu: overwriting('Elu'),
  celu: overwriting('Celu'),
  selu: overwriting('Selu'),
  threshold: overwriting('ThresholdedRelu'),
  relu6: clamp,
  hardtanh: clamp,
  clamp,
  clamp_min: clamp,
  clamp_max: clamp,
  clip: clamp,
  prelu: as('PRelu', ['self', 'weight']),
  _prelu_kernel: as('PRelu', ['self', 'weight']),
  square: (call) => ({ type: 'Pow', inputs: [call.tensor('self'), call.literal(2)] }),
  rsqrt: asAten('rsqrt', 'self'),
  log_sigmoid: asAten('log_sigmoid', 'self'),
  log2: asAten('log2', 'self'),
  log10: asAten('log10', 'self'),
  log1p: asAten('log1p', 'self'),
  expm1: asAten('expm1', 'self'),
  exp2: asAten('exp2', 'self'),
  erfc: asAten('erfc', 'self'),
  trunc: asAten('trunc', 'self'),
  isfinite: asAten('isfinite', 'self'),
  glu: (call) => ({
    type: 'glu',
    domain: 'aten',
    inputs: [call.tensor('self')],
    attributes: { axis: int(call.axis('dim', 'self', -1)) },
  }),
};
