import type { ModelGraph } from '../../graph/modelGraph';
import type { LayerIndex } from '../../plan/layerIndex';
import { Phase, type StepGraph } from '../../step/stepGraph';

/** Which results a selective checkpoint keeps: kind of call -> numbers of its calls in a run of the module. */
export interface Selection {
  readonly save: Readonly<Record<string, readonly number[]>>;
  /** How many calls of the kinds in `save` a run has: another number means that the calls cannot be told apart. */
  readonly calls: Readonly<Record<string, number>>;
}

/**
 * Operator type -> the kind of kernel that PyTorch runs for it, one an operator. What is missing runs as several
 * kernels, or as different ones from release to release.
 */
const kinds: Readonly<Record<string, string>> = {
  Gemm: 'matmul',
  MatMul: 'matmul',
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
};

/**
 * What a checkpoint around a region has to keep so that only the nodes marked in `again` are of use in its
 * recomputation. `unknown`: the type of an operator whose result has to be kept but cannot be told apart.
 */
export function selectionOf(
  { graph, step, layers }: { graph: ModelGraph; step: StepGraph; layers: LayerIndex },
  region: number,
  again: Uint8Array,
  kept: Uint8Array,
): Selection | { readonly unknown: string } {
  const save: Record<string, number[]> = {};
  const calls: Record<string, number> = {};
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward || layers.regionOfNode[node] !== region) continue;
    const type = graph.operators[step.nodeOperator[node]]?.type ?? step.nodeName[node];
    const kind = kinds[type];
    const isSaved = !again[node] && makesKept(step, node, kept);
    if (isSaved && kind === undefined) return { unknown: type };
    if (kind === undefined) continue;
    const number = calls[kind] ?? 0;
    calls[kind] = number + 1;
    if (isSaved) (save[kind] ??= []).push(number);
  }
  return { save, calls: Object.fromEntries(Object.keys(save).map((kind) => [kind, calls[kind]])) };
}

function makesKept(step: StepGraph, node: number, kept: Uint8Array): boolean {
  for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
    if (kept[step.outputs.items[i]]) return true;
  }
  return false;
}
