import { defaultWorkload, type Workload } from '../../planner-core/step/workload';
import { t } from '../base/l10n';

/** Fields of the workload with a few values to choose from. */
export type ChoiceField =
  | 'semantics'
  | 'attention'
  | 'dropout'
  | 'optimizerUpdate'
  | 'zeroGrad'
  | 'stepKind'
  | 'checkpointing'
  | 'modelOutput'
  | 'liveness'
  | 'inPlace';

/** Fields of the workload that are whole numbers. */
export type CountField = 'microBatches' | 'kvCacheTokens';

interface Setting<F> {
  readonly field: F;
  readonly title: string;
  /** Does the step have a use for it? */
  readonly applies: (workload: Workload) => boolean;
}

export interface ChoiceOption {
  readonly value: string;
  readonly label: string;
  /** What the choice means in PyTorch, in a sentence. */
  readonly hint: string;
}

export interface ChoiceSetting extends Setting<ChoiceField> {
  readonly options: readonly ChoiceOption[];
}

export interface CountSetting extends Setting<CountField> {
  readonly least: number;
  readonly hint: string;
}

/** A type error for a value of the field that is left out. */
function choice<F extends ChoiceField>(
  field: F,
  title: string,
  applies: ChoiceSetting['applies'],
  options: Readonly<Record<Workload[F], readonly [label: string, hint: string]>>,
): ChoiceSetting {
  const entries = Object.entries<readonly [label: string, hint: string]>(options);
  return {
    field,
    title,
    applies,
    options: entries.map(([value, [label, hint]]) => ({ value, label, hint })),
  };
}

const always = (): boolean => true;
const inTraining = ({ mode }: Workload): boolean => mode === 'training';
const withOptimizer = ({ mode, optimizer }: Workload): boolean => mode === 'training' && optimizer !== 'none';
const inInference = ({ mode }: Workload): boolean => mode === 'inference';

/** The choices in the order of a step: whose kernels, forward, backward, update. */
export const choiceSettings: readonly ChoiceSetting[] = [
  choice('semantics', t('Kernels'), always, {
    cuda: ['CUDA', t('What the kernels of a GPU keep and borrow.')],
    cpu: ['CPU', t('What the kernels of the CPU keep and borrow.')],
  }),
  choice('attention', t('Attention'), always, {
    auto: [t('auto'), t('scaled_dot_product_attention takes a fused kernel wherever its inputs allow one.')],
    fused: [t('fused'), t('Flash or memory-efficient attention: the matrix of scores is never in memory.')],
    math: [t('math'), t('SDPBackend.MATH: the matrix of scores is computed, and kept for backward.')],
  }),
  choice('dropout', t('Dropout'), inTraining, {
    'as-exported': [
      t('as exported'),
      t('The probabilities of the file: every dropout keeps its mask for backward.'),
    ],
    none: ['p = 0', t('All probabilities are zero: no masks are kept.')],
  }),
  choice('modelOutput', t('Model output'), inTraining, {
    held: [t('held'), t('A variable, as in out = model(x), keeps the output alive through backward.')],
    dropped: [
      t('dropped'),
      t('Nothing refers to the output after the loss: it goes as soon as backward lets it.'),
    ],
  }),
  choice('checkpointing', t('Checkpointing'), inTraining, {
    'non-reentrant': [
      t('non-reentrant'),
      t('checkpoint(use_reentrant=False): recomputing stops once all that is missing is there.'),
    ],
    reentrant: [t('reentrant'), t('checkpoint(use_reentrant=True): a segment always runs again to its end.')],
  }),
  choice('zeroGrad', 'zero_grad()', inTraining, {
    'set-to-none': [t('set to none'), t('Gradients are freed, and are not there until backward makes them.')],
    zero: [t('fill with zeros'), t('set_to_none=False: gradients stay in memory through the next forward.')],
  }),
  choice('stepKind', t('Which step'), withOptimizer, {
    steady: [t('a later one'), t('Optimizer state is there from the start, as in every step but the first.')],
    first: [
      t('the first'),
      t('The update at its end allocates the optimizer state: forward and backward run without it.'),
    ],
  }),
  choice('optimizerUpdate', 'optimizer.step()', withOptimizer, {
    auto: [
      t('auto'),
      t('As torch.optim chooses: foreach on CUDA since 2.0, else one parameter after another.'),
    ],
    foreach: ['foreach', t('All parameters at once: Adam borrows as much again as the parameters take.')],
    'for-loop': [
      'for-loop',
      t('One parameter after another: what is borrowed is as large as the largest of them.'),
    ],
    fused: [t('fused'), t('fused=True: one kernel that borrows nothing.')],
  }),
  choice('liveness', t('Tensors live'), inInference, {
    eager: [
      t('as in Python'),
      t('As long as Python refers to them: arguments until the module returns, variables until replaced.'),
    ],
    ideal: [t('to their last use'), t('As short as possible, as a compiler would have it.')],
  }),
  choice('inPlace', t('Activations'), inInference, {
    activations: [
      t('in place'),
      t('inplace=True of activation functions on images: they overwrite their input. Files do not say it.'),
    ],
    none: [t('new tensors'), t('Every activation function writes a tensor of its own.')],
  }),
];

export const countSettings: readonly CountSetting[] = [
  {
    field: 'microBatches',
    title: t('Micro-batches'),
    applies: inTraining,
    least: 1,
    hint: t(
      'Backward passes whose gradients one update sums. With more than one, gradients are there from the start.',
    ),
  },
  {
    field: 'kvCacheTokens',
    title: t('Cached tokens'),
    applies: inInference,
    least: 0,
    hint: t('Tokens whose keys and values are in the cache before the step. Decoders only; 0 is no cache.'),
  },
];

/** Fields that are lists of names. */
const listFields = ['frozen', 'asExported'] as const;

/** Every field of the workload that is edited here. */
export const settingFields = [
  ...choiceSettings.map(({ field }) => field),
  ...countSettings.map(({ field }) => field),
  ...listFields,
] as const;

/** How many settings that the step has a use for are not at their default. */
export function changedCount(workload: Workload): number {
  const changed = [...choiceSettings, ...countSettings].filter(
    ({ field, applies }) => applies(workload) && workload[field] !== defaultWorkload[field],
  ).length;
  const freezes = inTraining(workload) && workload.frozen.length > 0;
  return changed + (freezes ? 1 : 0) + (workload.asExported.length > 0 ? 1 : 0);
}

/** The edit that puts every setting back. */
export function resetChanges(): Partial<Workload> {
  return Object.fromEntries(settingFields.map((field) => [field, defaultWorkload[field]]));
}
