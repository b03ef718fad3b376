import type { Cluster } from './collectives';
import { workMs, type LayerStack } from './layerStack';
import { Communication, type Parallelism } from './parallelism';
import { recomputes, type Recompute } from './recompute';

/** Layers from `from` up to `to` (exclusive) as one stage of the pipeline. */
export interface Stage {
  readonly from: number;
  readonly to: number;
  readonly recompute: Recompute;
  /** One micro-batch, forward and backward, with its communication. */
  readonly loadMs: number;
  /** Highest bytes on each device of the stage. */
  readonly bytes: number;
}

/** Costs of runs of layers as stages under one parallelism, each in constant time. */
export class StageCosts {
  private readonly communication: Communication;
  /** Prefix sums over layers. */
  private readonly loadMs: Record<Recompute, Float64Array>;
  private readonly keptBytes: Record<Recompute, Float64Array>;
  private readonly stateBytes: Float64Array;
  private readonly updateBytes: Float64Array;
  /** By from * (layers + 1) + to: what the layer that runs needs beyond state and what is kept, at most. */
  private readonly runningBytes: Record<Recompute, Float64Array>;

  constructor(
    private readonly stack: LayerStack,
    cluster: Cluster,
    private readonly parallelism: Parallelism,
  ) {
    this.communication = new Communication(cluster, parallelism);
    const { layers } = stack;
    const { tensor, replicas, sharding } = parallelism;
    const byRecompute = (
      of: (at: number, recompute: Recompute) => number,
    ): Record<Recompute, Float64Array> => ({
      none: prefixSums(layers.length, (at) => of(at, 'none')),
      selective: prefixSums(layers.length, (at) => of(at, 'selective')),
      full: prefixSums(layers.length, (at) => of(at, 'full')),
    });
    this.runningBytes = {
      none: rangeMaxima(layers.length, (at) => this.layerRunningBytes(at, 'none')),
      selective: rangeMaxima(layers.length, (at) => this.layerRunningBytes(at, 'selective')),
      full: rangeMaxima(layers.length, (at) => this.layerRunningBytes(at, 'full')),
    };
    this.loadMs = byRecompute((at, recompute) => this.layerMs(at, recompute));
    this.keptBytes = byRecompute((at, recompute) => layers[at].recompute[recompute].keptBytes / tensor);
    const share = (from: number): number => tensor * (sharding >= from ? replicas : 1);
    this.stateBytes = prefixSums(layers.length, (at) => {
      const { parameterBytes, gradientBytes, optimizerBytes } = layers[at];
      return parameterBytes / share(3) + gradientBytes / share(2) + optimizerBytes / share(1);
    });
    const parameters = layers.reduce((sum, { parameterBytes }) => sum + parameterBytes, 0);
    this.updateBytes = prefixSums(layers.length, (at) => {
      const part = parameters > 0 ? layers[at].parameterBytes / parameters : 0;
      return (part * stack.optimizerTransientBytes) / share(1);
    });
  }

  /**
   * The fastest recomputation under which the layers fit `memoryBytes` as stage `stage`; undefined when none does.
   * Under 1F1B, stage p of P holds what min(M, P - p) micro-batches keep (Narayanan et al., SC 2021).
   */
  fittest(stage: number, from: number, to: number, memoryBytes: number): Stage | undefined {
    let best: Stage | undefined;
    for (const recompute of recomputes) {
      const loadMs = this.stageMs(stage, from, to, recompute);
      if (best && loadMs >= best.loadMs) continue;
      const bytes = this.bytes(stage, from, to, recompute);
      if (bytes <= memoryBytes) best = { from, to, recompute, loadMs, bytes };
    }
    return best;
  }

  stageMs(stage: number, from: number, to: number, recompute: Recompute): number {
    const sums = this.loadMs[recompute];
    const { layers } = this.stack;
    let ms = sums[to] - sums[from];
    // What it waits for: activations from the stage before, gradients from the one behind.
    if (from > 0) ms += this.communication.handOnMs(stage - 1, layers[from - 1].handedOnBytes);
    if (to < layers.length) ms += this.communication.handOnMs(stage, layers[to - 1].handedOnBytes);
    return ms;
  }

  bytes(stage: number, from: number, to: number, recompute: Recompute): number {
    const { layers, tiedBytes } = this.stack;
    const { tensor, stages, replicas, microBatches, sharding } = this.parallelism;
    const inFlight = Math.min(microBatches, stages - stage);
    const kept = this.keptBytes[recompute];
    const runningBytes = this.runningBytes[recompute][from * (layers.length + 1) + to];
    const receivedBytes = from > 0 && recompute !== 'full' ? layers[from - 1].handedOnBytes / tensor : 0;
    const tied = from === 0 && to === layers.length ? tiedBytes / tensor / (sharding >= 3 ? replicas : 1) : 0;
    const stateBytes = this.stateBytes[to] - this.stateBytes[from] - tied;
    const passBytes = inFlight * (kept[to] - kept[from] + receivedBytes) + runningBytes;
    return stateBytes + Math.max(passBytes, this.updateBytes[to] - this.updateBytes[from]);
  }

  /**
   * What follows the last micro-batch: gradients are summed over replicas, as far as that does not go on beside its
   * backward pass (Li et al., "PyTorch Distributed", VLDB 2020), then parameters change; where only some of them did on
   * each replica, all are gathered.
   */
  finishMs(stages: readonly Stage[]): { readonly replicaMs: number; readonly optimizerMs: number } {
    const { tensor, replicas, sharding } = this.parallelism;
    const { communication } = this;
    let [replicaMs, optimizerMs] = [0, 0];
    for (const { from, to } of stages) {
      let [gradientBytes, parameterBytes, updateMs, backwardMs] = [0, 0, 0, 0];
      for (const layer of this.stack.layers.slice(from, to)) {
        gradientBytes += layer.gradientBytes / tensor;
        parameterBytes += layer.parameterBytes / tensor;
        updateMs += workMs(layer.optimizer, tensor * (sharding >= 1 ? replicas : 1));
        backwardMs += workMs(layer.backward, tensor);
      }
      optimizerMs = Math.max(optimizerMs, updateMs);
      let ms = 0;
      if (sharding === 0) ms += communication.replicaReduceMs(gradientBytes);
      if (sharding === 1) ms += communication.replicaGatherMs(gradientBytes);
      ms = Math.max(0, ms - backwardMs);
      if (sharding === 1 || sharding === 2) ms += communication.replicaGatherMs(parameterBytes);
      replicaMs = Math.max(replicaMs, ms);
    }
    return { replicaMs, optimizerMs };
  }

  /** Tensor-parallel sums of a pass, or of all passes of a micro-batch. */
  reductionsMs(at: number, passes: number): number {
    const { reductions, reducedBytes } = this.stack.layers[at];
    return passes * reductions * this.communication.reduceMs(reducedBytes);
  }

  /** Run back, a layer has all it needs again; where parameters are shared out, two layers have theirs gathered. */
  private layerRunningBytes(at: number, recompute: Recompute): number {
    const { recompute: costs, transientBytes, parameterBytes, gradientBytes } = this.stack.layers[at];
    const { tensor, sharding } = this.parallelism;
    const againBytes = Math.max(0, costs.none.keptBytes - costs[recompute].keptBytes);
    const gatheredBytes = (sharding >= 3 ? 2 * parameterBytes : 0) + (sharding >= 2 ? gradientBytes : 0);
    return (transientBytes + againBytes + gatheredBytes) / tensor;
  }

  private layerMs(at: number, recompute: Recompute): number {
    const { forward, backward, recompute: costs, parameterBytes, gradientBytes } = this.stack.layers[at];
    const { tensor, sharding } = this.parallelism;
    const computeMs =
      workMs(forward, tensor) + workMs(backward, tensor) + workMs(costs[recompute].again, tensor);
    const ms = computeMs + this.reductionsMs(at, recompute === 'full' ? 3 : 2);
    // Shared-out gradients and parameters travel with every micro-batch, beside the computations.
    let travelMs = 0;
    if (sharding >= 2) travelMs += this.communication.replicaGatherMs(gradientBytes / tensor);
    if (sharding >= 3) travelMs += 2 * this.communication.replicaGatherMs(parameterBytes / tensor);
    return Math.max(ms, travelMs);
  }
}

function prefixSums(count: number, of: (at: number) => number): Float64Array {
  const sums = new Float64Array(count + 1);
  for (let at = 0; at < count; at++) sums[at + 1] = sums[at] + of(at);
  return sums;
}

/** By from * (count + 1) + to: the largest of a run, 0 of none. */
function rangeMaxima(count: number, of: (at: number) => number): Float64Array {
  const maxima = new Float64Array((count + 1) ** 2);
  for (let from = 0; from < count; from++)
    for (let to = from + 1; to <= count; to++) {
      const row = from * (count + 1);
      maxima[row + to] = Math.max(maxima[row + to - 1], of(to - 1));
    }
  return maxima;
}
