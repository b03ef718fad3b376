import { findDevice } from '../../devices/catalogue';
import { eachDevice } from '../../devices/machine';
import type { Edit, PlanInputs } from '../../plan/planInputs';
import { strategies, type Strategy } from '../../plan/plan';
import { offloadLinkOf } from '../offload/offloadLinkOf';
import { optimizers, precisions, type Optimizer, type Precision, type Workload } from '../../step/workload';
import type { StepState } from '../stepState';
import type { Effect } from './goal';
import { freezeLevers } from './freezeLevers';

/** Something a person can change about a step so that it needs less memory. */
export interface Lever {
  /** Levers of one family exclude each other. */
  readonly family: string;
  readonly id: string;
  readonly label: string;
  readonly note: string;
  readonly effect: Effect;
  readonly edits: readonly Edit[];
  /** Recomputes: what it needs is known once a plan was made. */
  readonly isPlanned?: boolean;
}

const strategyLabels: Readonly<Record<Strategy, readonly [label: string, note: string]>> = {
  'module-checkpoint': ['Checkpoint whole modules', 'torch.utils.checkpoint around modules.'],
  selective: [
    'Checkpoint selectively',
    'Selective activation checkpointing: each operator is saved or recomputed.',
  ],
  schedule: ['Recompute by any schedule', 'What is possible at all: no framework applies it by itself.'],
};

const precisionLabels: Readonly<Record<Precision, readonly [label: string, note: string, effect: Effect]>> = {
  fp32: ['Train in fp32', '', 'rounding'],
  'bf16-autocast': ['Use bf16 autocast', 'Weights and their updates stay in fp32.', 'rounding'],
  'fp16-autocast': [
    'Use fp16 autocast',
    'Weights stay in fp32; gradients need a loss scaler against underflow.',
    'rounding',
  ],
  bf16: [
    'Train in pure bf16',
    'Weights and optimizer state are bf16 too: small updates get lost, which changes training.',
    'training',
  ],
};

/** Every optimizer with less state than the ones before it. */
const stateRank: Readonly<Record<Optimizer, number>> = { none: 0, sgd: 0, momentum: 1, adam: 2, adamw: 2 };
const optimizerLabels: Readonly<Partial<Record<Optimizer, string>>> = {
  sgd: 'SGD',
  momentum: 'SGD with momentum',
};

/** What can be changed without a search, leaving out what is as it is already. */
export function levers(inputs: PlanInputs, state: StepState): Lever[] {
  const { workload } = inputs;
  if (workload.mode === 'inference') return precisionLevers(workload);
  return [
    ...strategyLevers(inputs),
    ...offloadLevers(inputs, state),
    ...precisionLevers(workload),
    ...kernelLevers(workload),
    ...optimizerLevers(workload),
    ...freezeLevers(workload, state),
  ];
}

const offloadLabels: Readonly<Record<Strategy, string>> = {
  'module-checkpoint': 'Checkpoint whole modules with offloading',
  selective: 'Checkpoint selectively with offloading',
  schedule: 'Recompute by any schedule with offloading',
};

/** Of plans that offload as well as recompute where `offload` is given: the strategies with that switched on. */
function strategyLevers(inputs: PlanInputs, offload = inputs.offload): Lever[] {
  const turnedOn: Edit[] = offload === inputs.offload ? [] : [{ kind: 'offload', offload }];
  return strategies.map((strategy) => {
    const [plain, how] = strategyLabels[strategy];
    const chosen: Edit[] = strategy === inputs.strategy ? [] : [{ kind: 'strategy', strategy }];
    const [label, note] = offload
      ? [
          offloadLabels[strategy],
          'What is idle for long waits in host memory or storage, the rest is recomputed.',
        ]
      : [plain, how];
    return {
      family: 'strategy',
      id: turnedOn.length > 0 ? offloadId(strategy) : strategyId(strategy),
      ...{ label, note, edits: [...turnedOn, ...chosen] },
      ...{ effect: 'none', isPlanned: true },
    };
  });
}

export const strategyId = (strategy: Strategy): string => `strategy:${strategy}`;
/** Of the strategy with offloading switched on. */
export const offloadId = (strategy: Strategy): string => `offload:${strategy}`;

/** Where one device has a link to another memory, its host's, that nothing goes over yet. */
function offloadLevers(inputs: PlanInputs, { built }: StepState): Lever[] {
  const { offload, devices, workload } = inputs;
  if (offload !== undefined || eachDevice(devices).length > 1 || workload.semantics === 'cpu') return [];
  const device = findDevice(devices[0].name);
  if (device && device.hostLinkGBPerS >= device.memoryGBPerS) return [];
  const to = { to: 'host' } as const;
  const { outGBPerS, inGBPerS } = offloadLinkOf(built.step, to, 1);
  const carries = [outGBPerS, inGBPerS].every((rate) => rate > 0 && Number.isFinite(rate));
  return carries ? strategyLevers(inputs, to) : [];
}

function precisionLevers({ precision: current }: Workload): Lever[] {
  // Only fp32 has something to give: the half formats differ from each other in what they round.
  if (current === 'bf16') return [];
  return precisions
    .filter((precision) => precision === 'bf16' || (current === 'fp32' && precision !== 'fp32'))
    .map((precision) => {
      const [label, note, effect] = precisionLabels[precision];
      return workloadLever('precision', precision, { precision }, label, note, effect);
    });
}

function optimizerLevers({ optimizer: current }: Workload): Lever[] {
  return optimizers.flatMap((optimizer) => {
    const name = optimizerLabels[optimizer];
    if (name === undefined || stateRank[optimizer] >= stateRank[current]) return [];
    const note = 'Less state a parameter, but another optimizer: it converges differently.';
    return [workloadLever('optimizer', optimizer, { optimizer }, `Use ${name}`, note, 'training')];
  });
}

/** Settings that leave the model and the optimizer what they are. */
function kernelLevers(workload: Workload): Lever[] {
  const { optimizer, optimizerUpdate, zeroGrad, attention, modelOutput } = workload;
  const found: Lever[] = [];
  const offer = (
    family: keyof Workload,
    value: string,
    label: string,
    note: string,
    effect: Effect = 'none',
  ): void => void found.push(workloadLever(family, value, { [family]: value }, label, note, effect));
  if (optimizer !== 'none' && optimizerUpdate !== 'fused')
    offer(
      'optimizerUpdate',
      'fused',
      'Update with the fused optimizer',
      'fused=True: borrows nothing.',
      'rounding',
    );
  if (optimizer !== 'none' && (optimizerUpdate === 'auto' || optimizerUpdate === 'foreach'))
    offer(
      'optimizerUpdate',
      'for-loop',
      'Update one parameter at a time',
      'foreach=False: borrows less, launches more.',
    );
  if (zeroGrad === 'zero')
    offer(
      'zeroGrad',
      'set-to-none',
      'Free gradients in zero_grad()',
      'set_to_none=True, as PyTorch does by default.',
    );
  if (attention === 'math')
    offer('attention', 'fused', 'Use fused attention', 'A flash or memory-efficient kernel.', 'rounding');
  if (modelOutput === 'held')
    offer(
      'modelOutput',
      'dropped',
      'Let go of the output before backward',
      'del the output once the loss is there.',
    );
  return found;
}

export function workloadLever(
  family: string,
  value: string,
  changes: Partial<Workload>,
  label: string,
  note: string,
  effect: Effect,
): Lever {
  return { family, id: `${family}:${value}`, label, note, effect, edits: [{ kind: 'workload', changes }] };
}
