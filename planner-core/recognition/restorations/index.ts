import { restoreFoldedBatchNorm } from './foldedBatchNorm';
import { restoreLostParameters } from './lostParameters';
import type { Restoration } from './restoration';
import { restoreRotaryTables } from './rotaryTables';

/** In this order: convolutions get their norms back before their biases are looked for. */
export const restorations: readonly Restoration[] = [
  restoreFoldedBatchNorm,
  restoreLostParameters,
  restoreRotaryTables,
];
