import { restoreFoldedBatchNorm } from './foldedBatchNorm';
import { restoreLostBuffers } from './lostBuffers';
import { restoreReparametrizedWeights } from './reparametrizedWeights';
import { restoreLostParameters } from './lostParameters';
import { restoreFoldedTransposes } from './foldedTransposes';
import { restoreMergedTransposes } from './mergedTransposes';
import { restoreSplitSequences } from './splitSequences';
import type { Restoration } from './restoration';
import { restoreRecurrentWeights } from './recurrentWeights';
import { restoreRotaryTables } from './rotaryTables';
import { restoreSharedInitializers } from './sharedInitializers';

/** Before patterns are looked for: they need to see what is stored. */
export const restorationsBefore: readonly Restoration[] = [restoreSharedInitializers];

/** Afterwards, in this order: convolutions get their norms back before their biases are looked for. */
export const restorationsAfter: readonly Restoration[] = [
  restoreFoldedBatchNorm,
  restoreReparametrizedWeights,
  restoreLostParameters,
  restoreLostBuffers,
  restoreRotaryTables,
  restoreRecurrentWeights,
];
