import type { Operator } from '../../graph/modelGraph';

/**
 * Operator type -> the kind of kernel that PyTorch runs for it, one an operator. What is missing runs as several
 * kernels, or as different ones from release to release.
 */
const kinds: Readonly<Record<string, string>> = {
  Gemm: 'matmul',
  MatMul: 'matmul',
  linear: 'matmul',
  Conv: 'convolution',
  ConvTranspose: 'convolution',
  Attention: 'attention',
  LayerNormalization: 'layer_norm',
  GroupNormalization: 'group_norm',
  BatchNormalization: 'batch_norm',
  Softmax: 'softmax',
  LogSoftmax: 'log_softmax',
  MaxPool: 'max_pool',
  Relu: 'relu',
  Gelu: 'gelu',
  Swish: 'silu',
  Silu: 'silu',
  HardSwish: 'hardswish',
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Add: 'add',
  Sub: 'sub',
  Mul: 'mul',
  Div: 'div',
  Pow: 'pow',
  Erf: 'erf',
  Exp: 'exp',
  Concat: 'cat',
  Sqrt: 'sqrt',
  Rsqrt: 'rsqrt',
  clone: 'clone',
};

/** The same by the call an exporter says it was, where the type of the operator stands for several. */
const kindsOfCalls: Readonly<Record<string, string>> = {
  'aten.embedding.default': 'embedding',
  'aten.hardtanh.default': 'hardtanh',
  'aten.hardtanh_.default': 'hardtanh',
};

/** Of an operator that runs as one kernel that can be told from others; undefined for the rest. */
export const kernelKind = ({ type }: Operator): string | undefined => kinds[type];

/** The same for what only has to be found, not kept: more calls can be told apart then. */
export const foundKind = (operator: Operator): string | undefined =>
  kernelKind(operator) ?? kindsOfCalls[operator.source?.target ?? ''];

/** Numbers calls of each kind in the order in which they are asked for. Exporters may write one call as several operators. */
export class CallCounter {
  /** By kind: calls so far. */
  readonly counts: Record<string, number> = {};
  private readonly numbers = new Map<string, number>();

  numberOf(kind: string, { source, name }: Operator): number {
    const call = `${kind} ${source?.fxNode ?? name}`;
    const known = this.numbers.get(call);
    if (known !== undefined) return known;
    const number = this.counts[kind] ?? 0;
    this.counts[kind] = number + 1;
    this.numbers.set(call, number);
    return number;
  }
}
