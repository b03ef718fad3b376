import type { Diagnostic } from '../base/diagnostic';

/** Index into the node arrays of a StepGraph. Nodes are numbered in the order a step runs that keeps everything. */
export type NodeId = number;
/** Index into the value arrays of a StepGraph. A value is a storage: views and in-place results share one. */
export type ValueId = number;

export const Phase = { forward: 0, loss: 1, backward: 2, optimizer: 3 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];
export const phaseNames = ['forward', 'loss', 'backward', 'optimizer'] as const;

export const ValueKind = {
  parameter: 0,
  buffer: 1,
  input: 2,
  optimizerState: 3,
  parameterGradient: 4,
  activation: 5,
  activationGradient: 6,
  /** Made and dropped within the optimizer step. */
  temporary: 7,
} as const;
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

/** Compressed adjacency: the entries of row i are `items[offsets[i] .. offsets[i + 1])`. */
export interface Rows {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/**
 * One step as a bipartite graph of nodes (computations) and values (storages), in typed arrays so that it can cross to
 * a worker or a webview and be walked in hot loops. Bytes and milliseconds are doubles: exact up to 2^53.
 */
export interface StepGraph {
  readonly nodeCount: number;
  readonly valueCount: number;
  /** Device ids in the order of `durationMs`' rows. Index 0 is where everything runs unless placed elsewhere. */
  readonly devices: readonly string[];
  /**
   * linkBytesPerMs[from * (devices + 1) + to]: bandwidth between devices; row and column `devices.length` are host
   * memory. 0 where there is no link.
   */
  readonly linkBytesPerMs: Float64Array;
  /** Of the same shape: from asking for a transfer to its first byte. */
  readonly linkLatencyMs: Float64Array;
  /** Of the same shape: index into `channels` of what carries a transfer; -1 where there is no link. */
  readonly linkChannel: Int32Array;
  /** Names of what carries transfers, one at a time each. */
  readonly channels: readonly string[];

  readonly nodeName: readonly string[];
  readonly nodePhase: Uint8Array;
  /** Index into ModelGraph.operators, -1 for loss and optimizer. */
  readonly nodeOperator: Int32Array;
  /** Index into ModelGraph.modules. */
  readonly nodeModule: Int32Array;
  /** Memory a node needs only while it runs, beyond its inputs and outputs. */
  readonly workspaceBytes: Float64Array;
  /** durationMs[device * nodeCount + node]. */
  readonly durationMs: Float64Array;
  /** Multiply-accumulates of a node's matrix products and convolutions. */
  readonly macs: Float64Array;
  /** Bytes a node reads from and writes to device memory. */
  readonly trafficBytes: Float64Array;
  /** What a node's time on the first device is spent on: index into `bounds` of devices/roofline. */
  readonly bound: Uint8Array;
  /** Which kernels a node runs: index into `workClasses` of devices/efficiency. */
  readonly workClass: Uint8Array;
  /** 1 where the node may be computed again (forward computations; never gradient accumulation or the optimizer). */
  readonly recomputable: Uint8Array;
  /** 1 where the node draws random numbers: what runs again must draw the same ones. */
  readonly drawsRandom: Uint8Array;
  /** Values a node reads (each once). */
  readonly inputs: Rows;
  /** Values a node produces. A gradient that several nodes add to is produced by the first and updated by the rest. */
  readonly outputs: Rows;
  /** Values a node changes in place; they must be resident and cannot be recomputed. */
  readonly updates: Rows;

  readonly valueName: readonly string[];
  readonly valueBytes: Float64Array;
  readonly valueKind: Uint8Array;
  /** 1 for values that exist before the step begins. */
  readonly residentAtStart: Uint8Array;
  /** 1 for values that live until the end of the step, whatever uses them (parameters, their gradients, model outputs). */
  readonly residentAtEnd: Uint8Array;
  /** First node that produces the value; -1 when resident at start. */
  readonly producer: Int32Array;

  /** Operators of the file that are pieces of a call read as one: decisions for them have nothing to act on. */
  readonly absorbedOperators?: readonly string[];
  /** Checkpointed segments run under the reentrant variant of torch.utils.checkpoint. */
  readonly reentrant: boolean;
  readonly diagnostics: readonly Diagnostic[];
}
