/** What one step does: the assumptions under which every number is computed. All of them are shown to the user. */
export interface Workload {
  mode: 'training' | 'inference';
  /** Values for the model's named dimensions, e.g. { batch: 16, seq: 1024 }. */
  dims: Record<string, number>;
  precision: Precision;
  optimizer: Optimizer;
  loss: Loss;
  /** Which kernels' memory behaviour to model. */
  semantics: 'cuda' | 'cpu';
  attention: 'auto' | 'fused' | 'math';
  /** 'as-exported' keeps the probabilities in the file; 'none' sets them all to zero. */
  dropout: 'as-exported' | 'none';
  /**
   * How the optimizer updates its parameters: one after another, all at once with temporaries of their size, or in one
   * kernel without temporaries. 'auto' is what PyTorch takes: foreach on CUDA, for-loop on the CPU.
   */
  optimizerUpdate: OptimizerUpdate;
  /** Forward and backward passes whose gradients one update sums; 1 is no gradient accumulation. */
  microBatches: number;
  /** What zero_grad leaves behind: no gradients, or gradients full of zeros that live through the next step. */
  zeroGrad: ZeroGrad;
  /** Optimizer state appears at the end of the first step; every later step has it from the start. */
  stepKind: StepKind;
  /** Variant of torch.utils.checkpoint: the reentrant one recomputes whole segments, without early stop. */
  checkpointing: Checkpointing;
  /** Whether the program still holds the model's output while backward runs, as `out = model(x)` does. */
  modelOutput: ModelOutput;
  /** Modules whose parameters are not trained: qualified names, each with everything below it. */
  frozen: readonly string[];
  /** Patterns (or names of single operators) to take as the file writes them instead of as the PyTorch call they come from. */
  asExported: readonly string[];
  /** Inference of decoder models: tokens already in the key-value cache; 0 is no cache. */
  kvCacheTokens: number;
  /**
   * Inference: 'eager' keeps a tensor as long as a Python program that runs the modules holds it (arguments of a call,
   * local variables); 'ideal' frees it after its last use, as a compiler would.
   */
  liveness: Liveness;
  /**
   * Inference: whether activation functions on images overwrite their input, as convolutional model libraries ask for.
   * Files do not say it.
   */
  inPlace: InPlace;
}

export type Precision = 'fp32' | 'bf16-autocast' | 'fp16-autocast' | 'bf16';
export type Optimizer = 'none' | 'sgd' | 'momentum' | 'adam' | 'adamw';
export type Loss = 'none' | 'sum' | 'cross-entropy';
export type OptimizerUpdate = 'auto' | 'foreach' | 'for-loop' | 'fused';
export type ZeroGrad = 'set-to-none' | 'zero';
export type StepKind = 'steady' | 'first';
export type Liveness = 'eager' | 'ideal';
export type InPlace = 'activations' | 'none';
export type ModelOutput = 'held' | 'dropped';
export type Checkpointing = 'non-reentrant' | 'reentrant';

export const precisions: readonly Precision[] = ['fp32', 'bf16-autocast', 'fp16-autocast', 'bf16'];
export const optimizers: readonly Optimizer[] = ['none', 'sgd', 'momentum', 'adam', 'adamw'];
export const losses: readonly Loss[] = ['none', 'sum', 'cross-entropy'];
export const optimizerUpdates: readonly OptimizerUpdate[] = ['auto', 'foreach', 'for-loop', 'fused'];
export const zeroGrads: readonly ZeroGrad[] = ['set-to-none', 'zero'];
export const stepKinds: readonly StepKind[] = ['steady', 'first'];
export const livenesses: readonly Liveness[] = ['eager', 'ideal'];
export const inPlaces: readonly InPlace[] = ['activations', 'none'];
export const modelOutputs: readonly ModelOutput[] = ['held', 'dropped'];
export const checkpointings: readonly Checkpointing[] = ['non-reentrant', 'reentrant'];

export const defaultWorkload: Workload = {
  mode: 'training',
  dims: {},
  precision: 'fp32',
  optimizer: 'none',
  loss: 'sum',
  semantics: 'cuda',
  attention: 'auto',
  dropout: 'as-exported',
  optimizerUpdate: 'auto',
  microBatches: 1,
  zeroGrad: 'set-to-none',
  stepKind: 'steady',
  checkpointing: 'non-reentrant',
  modelOutput: 'held',
  frozen: [],
  asExported: [],
  kvCacheTokens: 0,
  liveness: 'eager',
  inPlace: 'activations',
};
