import { l10n } from 'vscode';
import type { Strategy } from '../../planner-core/plan/plan';
import type { Workload } from '../../planner-core/step/workload';

/** What the undo command calls each part of the workload: as the view names it. A field that is left out is a type error. */
export const workloadWords = (): Readonly<Record<keyof Workload, string>> => ({
  mode: l10n.t('mode'),
  dims: l10n.t('dimensions'),
  precision: l10n.t('precision'),
  optimizer: l10n.t('optimizer'),
  loss: l10n.t('loss'),
  semantics: l10n.t('kernels'),
  attention: l10n.t('attention'),
  dropout: l10n.t('dropout'),
  optimizerUpdate: l10n.t('optimizer.step()'),
  microBatches: l10n.t('micro-batches'),
  zeroGrad: l10n.t('zero_grad()'),
  stepKind: l10n.t('which step'),
  checkpointing: l10n.t('checkpointing'),
  modelOutput: l10n.t('model output'),
  frozen: l10n.t('frozen modules'),
  asExported: l10n.t('operators as exported'),
  kvCacheTokens: l10n.t('cached tokens'),
  liveness: l10n.t('how long tensors live'),
  inPlace: l10n.t('activations in place'),
});

/** Strategies as the view names them. */
export const strategyWords = (): Readonly<Record<Strategy, string>> => ({
  'module-checkpoint': l10n.t('whole modules'),
  selective: l10n.t('selective'),
  schedule: l10n.t('any schedule'),
});
