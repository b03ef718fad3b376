import { restoreDecidedBranches } from './decidedBranches';
import { restoreEmptyCasts } from './emptyCasts';
import { restoreFoldedBatchNorm } from './foldedBatchNorm';
import { restoreFoldedTransposes } from './foldedTransposes';
import { restoreIndexTables } from './indexTables';
import { restoreInitialStates } from './initialStates';
import { restoreLostBuffers } from './lostBuffers';
import { restoreReparametrizedWeights } from './reparametrizedWeights';
import { restoreLostParameters } from './lostParameters';
import { restoreMergedTransposes } from './mergedTransposes';
import type { Restoration } from './restoration';
import { restoreRecurrentWeights } from './recurrentWeights';
import { restoreRotaryTables } from './rotaryTables';
import { restoreSharedInitializers } from './sharedInitializers';
import { restoreSplitKeys } from './splitKeys';
import { restoreSplitSequences } from './splitSequences';
import { restoreUpcasts } from './upcasts';

/** Before patterns are looked for: they need to see what is stored. */
export const restorationsBefore: readonly Restoration[] = [
  restoreDecidedBranches,
  restoreSharedInitializers,
  restoreEmptyCasts,
  restoreFoldedTransposes,
  restoreSplitSequences,
  restoreMergedTransposes,
  restoreSplitKeys,
  restoreUpcasts,
];

/** Afterwards, in this order: convolutions get their norms back before their biases are looked for. */
export const restorationsAfter: readonly Restoration[] = [
  restoreFoldedBatchNorm,
  restoreReparametrizedWeights,
  restoreLostParameters,
  restoreLostBuffers,
  restoreRotaryTables,
  restoreIndexTables,
  restoreInitialStates,
  restoreRecurrentWeights,
];
