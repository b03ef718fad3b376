import type { Lowering, LoweringTable } from '../call';

/** A tensor made of nothing but sizes and numbers; of the tensor it is like, only shape and type matter. */
const made = (type: string): Lowering => {
  return () => ({ type, domain: 'aten', inputs: [] });
};

const same = (type: string, names: string): LoweringTable =>
  Object.fromEntries(names.split(' ').map((name) => [name, made(type)]));

/** Calls that make tensors. */
export const generatorCalls: LoweringTable = {
  ...same('arange', 'arange linspace logspace'),
  ...same(
    'full',
    'full zeros ones empty empty_permuted empty_strided new_full new_zeros new_ones new_empty new_empty_strided full_like ' +
      'zeros_like ones_like empty_like scalar_tensor eye tril_indices triu_indices',
  ),
  ...same(
    'random',
    'rand randn randint randperm rand_like randn_like randint_like normal bernoulli uniform exponential',
  ),
};
