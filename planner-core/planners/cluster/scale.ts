import { HeadroomError } from '../../base/errors';
import { formatMemory } from '../../base/format';
import type { Job } from '../../base/job';
import type { Cluster } from './collectives';
import { workMs, type LayerStack } from './layerStack';
import { shardings, type Parallelism } from './parallelism';
import { bestPartition } from './partition';
import { StageCosts, type Stage } from './stageCosts';

/** What to scale to. */
export interface ScaleProblem {
  readonly cluster: Cluster;
  /** The model under each size of micro-batch that may be taken. */
  readonly stacks: readonly LayerStack[];
  /** Samples of one update, over all replicas. */
  readonly globalBatch: number;
  /** The largest sharding among replicas that may be taken. */
  readonly maxSharding: number;
}

/** A way to train on the cluster. */
export interface ScaleOption extends Parallelism {
  readonly stageList: readonly Stage[];
  readonly stepMs: number;
  /** Parts of it. Of the pipeline: computations and what is waited for. */
  readonly pipelineMs: number;
  readonly replicaMs: number;
  readonly optimizerMs: number;
  /** Share of the pipeline's time in which a stage with the mean load has nothing to do. */
  readonly bubbleShare: number;
  /** Of the fullest device. */
  readonly peakBytes: number;
  readonly samplesPerSecond: number;
}

/** A way that does not work, and why. */
export interface RejectedOption extends Parallelism {
  readonly reason: string;
}

export interface Scaling {
  /** All that fit, fastest first. */
  readonly options: readonly ScaleOption[];
  /** First those that were tried, then those that engines refuse. */
  readonly rejected: readonly RejectedOption[];
  /** Proven for these costs: no way to use the devices is faster, were work divided evenly and nothing sent. */
  readonly boundMs: number;
}

/**
 * Every combination of tensor, pipeline and data parallelism on like servers, with the best stages of each. One stage
 * list is planned for all replicas and one layer for all devices that share it: what is planned does not grow with the
 * cluster. Throws 'bad-usage' for sizes that are no whole numbers, 'cancelled' when the job is.
 */
export async function scale(problem: ScaleProblem, job: Job): Promise<Scaling> {
  const { cluster, stacks, globalBatch } = problem;
  for (const size of [cluster.servers, cluster.devicesPerServer, globalBatch])
    if (!Number.isInteger(size) || size < 1)
      throw new HeadroomError(
        'bad-usage',
        'Servers, devices and the batch are whole numbers of at least 1.',
        'Give counts such as 4 servers with 8 devices.',
      );
  const options: ScaleOption[] = [];
  const rejected: RejectedOption[] = [];
  const refused: RejectedOption[] = [];
  for (const stack of stacks) {
    const all = parallelisms(problem, stack);
    for (const [i, parallelism] of all.entries()) {
      await job.checkpoint();
      job.progress((stacks.indexOf(stack) + i / all.length) / stacks.length);
      if (parallelism.sharding > 1 && parallelism.stages > 1) {
        refused.push({ ...parallelism, reason: shardedGradients });
        continue;
      }
      const found = optionOf(problem, stack, parallelism);
      if ('reason' in found) rejected.push(found);
      else options.push(found);
    }
  }
  options.sort((a, b) => a.stepMs - b.stepMs || a.peakBytes - b.peakBytes);
  return { options, rejected: [...rejected, ...refused], boundMs: evenBoundMs(problem) };
}

/** Every way to share out the devices; where neighbours make no difference only one of both ways. */
function parallelisms({ cluster, globalBatch, maxSharding }: ScaleProblem, stack: LayerStack): Parallelism[] {
  const found: Parallelism[] = [];
  const deviceCount = cluster.servers * cluster.devicesPerServer;
  for (const tensor of divisors(cluster.devicesPerServer))
    for (const stages of divisors(deviceCount / tensor)) {
      if (stages > stack.layers.length) continue;
      const replicas = deviceCount / tensor / stages;
      const microBatches = globalBatch / replicas / stack.samples;
      for (const sharding of shardings) {
        if (sharding > maxSharding || (sharding > 0 && replicas === 1)) continue;
        for (const innermost of ['replicas', 'stages'] as const) {
          if (innermost === 'stages' && (stages === 1 || replicas === 1 || sharding > 1)) continue;
          found.push({
            tensor,
            stages,
            replicas,
            sharding,
            innermost,
            microBatch: stack.samples,
            microBatches,
          });
        }
      }
    }
  return found;
}

/**
 * A pipeline adds up the gradients of all micro-batches before they are shared out, which ZeRO 2 and 3 do with each of them:
 * DeepSpeed's pipeline engine takes ZeRO 1 at most (deepspeedai/DeepSpeed issues 823 and 3589), and what Megatron-LM's
 * distributed optimizer shares out is optimizer state.
 */
const shardedGradients =
  'ZeRO 2 and 3 share out gradients with every micro-batch, a pipeline adds them up first. ZeRO 1 goes with any pipeline.';

const divisors = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => i + 1).filter((size) => count % size === 0);

function optionOf(
  { cluster, globalBatch }: ScaleProblem,
  stack: LayerStack,
  parallelism: Parallelism,
): ScaleOption | RejectedOption {
  const { stages, replicas, microBatches, microBatch } = parallelism;
  if (!Number.isInteger(microBatches)) {
    const reason = `A batch of ${globalBatch} cannot be shared out among ${replicas} replicas in micro-batches of ${microBatch}.`;
    return { ...parallelism, reason };
  }
  const costs = new StageCosts(stack, cluster, parallelism);
  const count = stack.layers.length;
  const partition = bestPartition(costs, count, stages, microBatches, cluster.memoryBytes);
  if (!partition) return { ...parallelism, reason: tooLarge(costs, stack, parallelism, cluster.memoryBytes) };
  const { stages: stageList, pipelineMs } = partition;
  const { replicaMs, optimizerMs } = costs.finishMs(stageList);
  const stepMs = pipelineMs + replicaMs + optimizerMs;
  const sumMs = stageList.reduce((sum, { loadMs }) => sum + loadMs, 0);
  return {
    ...parallelism,
    stageList,
    stepMs,
    pipelineMs,
    replicaMs,
    optimizerMs,
    bubbleShare: pipelineMs > 0 ? 1 - (microBatches * sumMs) / stages / pipelineMs : 0,
    peakBytes: Math.max(...stageList.map(({ bytes }) => bytes)),
    samplesPerSecond: (1000 * globalBatch) / stepMs,
  };
}

/** The stage that needs most when the layers are shared out evenly and every one of them runs again. */
function tooLarge(
  costs: StageCosts,
  { layers }: LayerStack,
  { stages }: Parallelism,
  memoryBytes: number,
): string {
  let worst = { stage: 0, bytes: 0, from: 0, to: 0 };
  for (let stage = 0; stage < stages; stage++) {
    const [from, to] = [stage, stage + 1].map((at) => Math.floor((at * layers.length) / stages));
    const bytes = costs.bytes(stage, from, to, 'full');
    if (bytes > worst.bytes) worst = { stage, bytes, from, to };
  }
  const which = stages === 1 ? 'Every device' : `Stage ${worst.stage + 1} of ${stages}`;
  return (
    `${which} needs ${formatMemory(worst.bytes)} with every layer run again; ` +
    `there are ${formatMemory(memoryBytes)}.`
  );
}

/** All work of a step shared out evenly among all devices, at the degree of sharing a layer that suits it best. */
function evenBoundMs({ cluster, stacks, globalBatch }: ScaleProblem): number {
  const deviceCount = cluster.servers * cluster.devicesPerServer;
  let least = Infinity;
  for (const { layers, samples } of stacks)
    for (const tensor of divisors(cluster.devicesPerServer)) {
      const sampleMs = layers.reduce(
        (sum, { forward, backward }) => sum + workMs(forward, tensor) + workMs(backward, tensor),
        0,
      );
      least = Math.min(least, ((globalBatch / samples) * sampleMs * tensor) / deviceCount);
    }
  return least;
}
