import { defaultWorkload, type Workload } from '../../planner-core/step/workload';

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
  choice('semantics', 'Kernels', always, {
    cuda: ['CUDA', 'What the kernels of a GPU keep and borrow.'],
    cpu: ['CPU', 'What the kernels of the CPU keep and borrow.'],
  }),
  choice('attention', 'Attention', always, {
    auto: ['auto', 'scaled_dot_product_attention takes a fused kernel wherever its inputs allow one.'],
    fused: ['fused', 'Flash or memory-efficient attention: the matrix of scores is never in memory.'],
    math: ['math', 'SDPBackend.MATH: the matrix of scores is computed, and kept for backward.'],
  }),
  choice('dropout', 'Dropout', inTraining, {
    'as-exported': [
      'as exported',
      'The probabilities of the file: every dropout keeps its mask for backward.',
    ],
    none: ['p = 0', 'All probabilities are zero: no masks are kept.'],
  }),
  choice('modelOutput', 'Model output', inTraining, {
    held: ['held', 'A variable, as in out = model(x), keeps the output alive through backward.'],
    dropped: ['dropped', 'Nothing refers to the output after the loss: it goes as soon as backward lets it.'],
  }),
  choice('checkpointing', 'Checkpointing', inTraining, {
    'non-reentrant': [
      'non-reentrant',
      'checkpoint(use_reentrant=False): recomputing stops once all that is missing is there.',
    ],
    reentrant: ['reentrant', 'checkpoint(use_reentrant=True): a segment always runs again to its end.'],
  }),
  choice('zeroGrad', 'zero_grad()', inTraining, {
    'set-to-none': ['set to none', 'Gradients are freed, and are not there until backward makes them.'],
    zero: ['fill with zeros', 'set_to_none=False: gradients stay in memory through the next forward.'],
  }),
  choice('stepKind', 'Which step', withOptimizer, {
    steady: ['a later one', 'Optimizer state is there from the start, as in every step but the first.'],
    first: [
      'the first',
      'The update at its end allocates the optimizer state: forward and backward run without it.',
    ],
  }),
  choice('optimizerUpdate', 'optimizer.step()', withOptimizer, {
    auto: ['auto', 'As torch.optim chooses: foreach on CUDA since 2.0, else one parameter after another.'],
    foreach: ['foreach', 'All parameters at once: Adam borrows as much again as the parameters take.'],
    'for-loop': [
      'for-loop',
      'One parameter after another: what is borrowed is as large as the largest of them.',
    ],
    fused: ['fused', 'fused=True: one kernel that borrows nothing.'],
  }),
  choice('liveness', 'Tensors live', inInference, {
    eager: [
      'as in Python',
      'As long as Python refers to them: arguments until the module returns, variables until replaced.',
    ],
    ideal: ['to their last use', 'As short as possible, as a compiler would have it.'],
  }),
  choice('inPlace', 'Activations', inInference, {
    activations: [
      'in place',
      'inplace=True of activation functions on images: they overwrite their input. Files do not say it.',
    ],
    none: ['new tensors', 'Every activation function writes a tensor of its own.'],
  }),
];

export const countSettings: readonly CountSetting[] = [
  {
    field: 'microBatches',
    title: 'Micro-batches',
    applies: inTraining,
    least: 1,
    hint: 'Backward passes whose gradients one update sums. With more than one, gradients are there from the start.',
  },
  {
    field: 'kvCacheTokens',
    title: 'Cached tokens',
    applies: inInference,
    least: 0,
    hint: 'Tokens whose keys and values are in the cache before the step. Decoders only; 0 is no cache.',
  },
];

/** Fields that are lists of names. */
export const listFields = ['frozen', 'asExported'] as const;

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
