import type { LoweringTable } from '../call';
import { activationCalls } from './activations';
import { elementwiseCalls } from './elementwise';
import { generatorCalls } from './generators';
import { indexingCalls } from './indexing';
import { normalizationCalls } from './normalizations';
import { productCalls } from './products';
import { recurrentCalls } from './recurrent';
import { reductionCalls } from './reductions';
import { shapeCalls } from './shapes';
import { windowCalls } from './windows';

/** What ATen calls mean, by their name without overload. */
export const calls: ReadonlyMap<string, LoweringTable[string]> = new Map(
  Object.entries({
    ...activationCalls,
    ...elementwiseCalls,
    ...generatorCalls,
    ...indexingCalls,
    ...normalizationCalls,
    ...productCalls,
    ...recurrentCalls,
    ...reductionCalls,
    ...shapeCalls,
    ...windowCalls,
  }),
);
