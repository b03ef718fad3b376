import type { Defaults } from '../../../extension/document/defaultInputs';

/** Settings of a person who trains with AdamW on a T4. */
export const someDefaults: Defaults = {
  device: 'T4',
  budget: '16 GiB',
  optimizer: 'adamw',
  loss: 'sum',
  precision: 'fp32',
  semantics: 'cuda',
  strategy: 'module-checkpoint',
  dimensions: {},
};
