import type { Bound } from '../../planner-core/devices/roofline';
import type { Objective, Strategy } from '../../planner-core/plan/plan';
import type { Loss, Optimizer, Precision, Workload } from '../../planner-core/step/workload';
import { t } from '../base/l10n';

/** What people read for the identifiers of the planner core. */
export const strategyNames: Readonly<Record<Strategy, string>> = {
  'module-checkpoint': t('whole modules'),
  selective: 'selective',
  schedule: t('any schedule'),
};

export const strategyHints: Readonly<Record<Strategy, string>> = {
  'module-checkpoint': t('Checkpoint whole modules, as torch.utils.checkpoint does'),
  selective: t('Save or recompute each operator, as selective activation checkpointing does'),
  schedule: t('Any valid recomputation: what is possible in theory'),
};

export const objectiveNames: Readonly<Record<Objective, string>> = {
  fit: 'fit',
  latency: 'latency',
  throughput: 'throughput',
};

export const objectiveHints: Readonly<Record<Objective, string>> = {
  fit: t('Layers run on the first device, except those you place elsewhere'),
  latency: t('Layers run where one step takes the least time'),
  throughput: t(
    'Layers run where a pipeline takes the least time: for each step of a stream, or for an update by micro-batches',
  ),
};

/** What a layer's time is spent on; '' where it takes none. */
export const boundNames: Readonly<Record<Bound, string>> = {
  none: '',
  compute: 'arithmetic',
  memory: t('memory bandwidth'),
  launch: t('launching kernels'),
};

export const modeNames: Readonly<Record<Workload['mode'], string>> = {
  training: 'training',
  inference: 'inference',
};

export const precisionNames: Readonly<Record<Precision, string>> = {
  fp32: 'fp32',
  'bf16-autocast': t('bf16 autocast'),
  'fp16-autocast': t('fp16 autocast'),
  bf16: t('pure bf16'),
};

export const optimizerNames: Readonly<Record<Optimizer, string>> = {
  none: t('no optimizer'),
  sgd: 'SGD',
  momentum: t('SGD + momentum'),
  adam: t('Adam'),
  adamw: 'AdamW',
};

export const lossNames: Readonly<Record<Loss, string>> = {
  none: t('as exported'),
  sum: 'sum',
  'cross-entropy': 'cross-entropy',
};

export { exportNames } from '../../planner-core/exporters/targets';

/** Phases by their number in a step. */
export const phaseTitles = ['forward', 'loss', 'backward', 'optimizer'] as const;

const byCount = new Intl.PluralRules('en');

/** `3 layers`, `1 layer`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${byCount.select(count) === 'one' ? noun : plural}`;
}
