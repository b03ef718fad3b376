import type { Bound } from '../../planner-core/devices/roofline';
import {
  exportGroupNames,
  exportGroups,
  exportNames,
  exportTargets,
  type ExportGroup,
  type ExportTarget,
} from '../../planner-core/exporters/targets';
import type { Choice, Objective, Strategy } from '../../planner-core/plan/plan';
import { bandNames, bands, type Band } from '../../planner-core/simulator/bands';
import type { Loss, Optimizer, Precision, Workload } from '../../planner-core/step/workload';
import { t } from '../base/l10n';

/** What people read for the identifiers of the planner core. */
export const strategyNames: Readonly<Record<Strategy, string>> = {
  'module-checkpoint': t('whole modules'),
  selective: t('selective'),
  schedule: t('any schedule'),
};

export const strategyHints: Readonly<Record<Strategy, string>> = {
  'module-checkpoint': t('Checkpoint whole modules, as torch.utils.checkpoint does'),
  selective: t('Save or recompute each operator, as selective activation checkpointing does'),
  schedule: t('Any valid recomputation: what is possible in theory'),
};

export const objectiveNames: Readonly<Record<Objective, string>> = {
  fit: t('fit'),
  latency: t('latency'),
  throughput: t('throughput'),
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
  compute: t('arithmetic'),
  memory: t('memory bandwidth'),
  launch: t('launching kernels'),
};

export const modeNames: Readonly<Record<Workload['mode'], string>> = {
  training: t('training'),
  inference: t('inference'),
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
  sum: t('sum'),
  'cross-entropy': t('cross-entropy'),
};

/** `mixed`: of a module whose layers have several. */
export const choiceNames: Readonly<Record<Choice | 'mixed', string>> = {
  keep: t('keep'),
  recompute: t('recompute'),
  offload: t('offload'),
  mixed: t('mixed'),
};

const severalDevices = t('several');
/** The id of a device; a word for modules that are spread over some. */
export const deviceLabel = (device: string): string => (device === 'several' ? severalDevices : device);

/** What is in memory, by what it is there for. */
export const bandTitles = Object.fromEntries(bands.map((band) => [band, t(bandNames[band])])) as Readonly<
  Record<Band, string>
>;

export const exportTitles = Object.fromEntries(
  exportTargets.map((target) => [target, t(exportNames[target])]),
) as Readonly<Record<ExportTarget, string>>;

export const exportGroupTitles = Object.fromEntries(
  exportGroups.map((group) => [group, t(exportGroupNames[group])]),
) as Readonly<Record<ExportGroup, string>>;

/** Phases by their number in a step. */
export const phaseTitles = [t('forward'), t('loss'), t('backward'), t('optimizer')] as const;

export { counted, type Noun } from './counted';
