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
}

export type Precision = 'fp32' | 'bf16-autocast' | 'fp16-autocast' | 'bf16';
export type Optimizer = 'none' | 'sgd' | 'momentum' | 'adam' | 'adamw';
export type Loss = 'none' | 'sum' | 'cross-entropy';

export const precisions: readonly Precision[] = ['fp32', 'bf16-autocast', 'fp16-autocast', 'bf16'];
export const optimizers: readonly Optimizer[] = ['none', 'sgd', 'momentum', 'adam', 'adamw'];
export const losses: readonly Loss[] = ['none', 'sum', 'cross-entropy'];

export const defaultWorkload: Workload = {
  mode: 'training',
  dims: {},
  precision: 'fp32',
  optimizer: 'none',
  loss: 'sum',
  semantics: 'cuda',
  attention: 'auto',
  dropout: 'as-exported',
};
