import { formatMemory } from '../base/format';
import { eachDevice } from '../devices/machine';
import { ValueKind } from '../step/stepGraph';
import { headLines, type ExportContext } from './exportContext';
import { leftOut, planFacts } from './planFacts';
import { isBatchDimension } from '../step/dimensions';
import type { Export, NotCarried } from './targets';

/**
 * A DeepSpeed configuration: the lowest ZeRO stage (Rajbhandari et al., SC 2020) that keeps the planned peak under the
 * budget when states are divided over the devices that are like the first; host memory for the optimizer where no stage
 * does. The activation_checkpointing block only configures deepspeed.checkpointing.checkpoint.
 */
export function deepspeed(context: ExportContext): Export {
  const { plan } = context;
  const { workload } = plan;
  const facts = planFacts(context);
  const zero = lowestStage(context);
  const carried = [
    zero.reason,
    `precision ${workload.precision}; ${workload.microBatches === 1 ? '1 micro-batch' : `${workload.microBatches} micro-batches`} an update.`,
  ];
  const notCarried: NotCarried[] = [...leftOut(facts, 'DeepSpeed', ['operators', 'offload', 'devices'])];
  if (facts.checkpointed.length > 0)
    notCarried.push(...leftOut(facts, 'the activation_checkpointing block', ['checkpoints']));
  if (workload.precision.endsWith('autocast'))
    notCarried.push({
      decision: `${workload.precision} as torch.autocast runs it`,
      why: 'bf16 and fp16 of DeepSpeed hold the model in 16 bits with fp32 master copies',
      instead: 'use the block "torch_autocast" where your DeepSpeed has it',
    });
  const batch = batchOf(context);
  const config = {
    train_micro_batch_size_per_gpu: batch,
    gradient_accumulation_steps: workload.microBatches,
    zero_optimization: zeroBlock(zero),
    ...(workload.precision.startsWith('bf16') ? { bf16: { enabled: true } } : {}),
    ...(workload.precision.startsWith('fp16') ? { fp16: { enabled: true } } : {}),
    ...(workload.optimizer === 'none' ? {} : { optimizer: optimizerBlock(workload.optimizer) }),
    activation_checkpointing: {
      partition_activations: false,
      cpu_checkpointing: false,
      contiguous_memory_optimization: false,
      number_checkpoints: facts.checkpointed.length > 0 ? facts.checkpointed.length : null,
      synchronize_checkpoint_boundary: false,
      profile: false,
    },
    // DeepSpeed reads the keys it knows and leaves others alone.
    headroom: {
      about: headLines(context, 'DeepSpeed settings'),
      carried,
      notCarried,
      checkpoint: facts.checkpointed,
    },
  };
  const text = `${JSON.stringify(config, undefined, 2)}\n`;
  return { files: [{ suffix: '.deepspeed.json', mediaType: 'application/json', text }], carried, notCarried };
}

/** Samples of a micro-batch: the batch dimension, or what the file fixes for the first input. */
function batchOf({ graph, plan }: ExportContext): number {
  const named = Object.entries(plan.workload.dims).find(([name]) => isBatchDimension(name));
  const [fixed] = graph.tensors[graph.inputs[0]]?.shape ?? [];
  return named?.[1] ?? (typeof fixed === 'number' ? fixed : 1);
}

interface Zero {
  readonly stage: number;
  readonly offloads: boolean;
  readonly reason: string;
}

function lowestStage({ step, plan }: ExportContext): Zero {
  const devices = eachDevice(plan.devices);
  const ranks = devices.filter(({ name }) => name === devices[0].name).length;
  const sum = (kind: number): number =>
    step.valueKind.reduce((total, one, value) => total + (one === kind ? step.valueBytes[value] : 0), 0);
  const optimizer = sum(ValueKind.optimizerState);
  const divided = [0, optimizer, sum(ValueKind.parameterGradient), sum(ValueKind.parameter)];
  const away = 1 - 1 / ranks;
  const over = `over ${ranks} ${ranks === 1 ? 'rank' : 'ranks'}`;
  let peakBytes = plan.prediction.peakBytes;
  for (let stage = 0; stage <= 3; stage++) {
    peakBytes -= away * divided[stage];
    if (peakBytes <= plan.budgetBytes)
      return {
        stage,
        offloads: false,
        reason: `ZeRO stage ${stage}: the lowest that keeps the planned peak within the budget ${over} (estimated ${formatMemory(peakBytes)}).`,
      };
    if (ranks === 1) break;
  }
  const left = peakBytes - optimizer / (ranks === 1 ? 1 : ranks);
  return {
    stage: ranks === 1 ? 2 : 3,
    offloads: true,
    reason: `ZeRO stage ${ranks === 1 ? 2 : 3} with the optimizer in host memory: no stage alone keeps the planned peak within the budget ${over} (estimated ${formatMemory(left)}${left > plan.budgetBytes ? ', still over it' : ''}).`,
  };
}

function zeroBlock({ stage, offloads }: Zero): object {
  if (stage === 0) return { stage };
  return {
    stage,
    overlap_comm: true,
    contiguous_gradients: true,
    ...(offloads ? { offload_optimizer: { device: 'cpu', pin_memory: true } } : {}),
  };
}

function optimizerBlock(optimizer: 'sgd' | 'momentum' | 'adam' | 'adamw'): object {
  const names = { sgd: 'SGD', momentum: 'SGD', adam: 'Adam', adamw: 'AdamW' } as const;
  // The learning rate is no part of a plan.
  return { type: names[optimizer], params: optimizer === 'momentum' ? { momentum: 0.9 } : {} };
}
