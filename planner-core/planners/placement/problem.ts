import type { Rows } from '../../step/stepGraph';

/**
 * What to place: tasks (the computations of a step or of an instance) over unlike, linked devices. Tasks of one group
 * share a device: what is decided is a device for each group. Built by `ofStep.ts` and `ofInstance.ts`; the planners
 * know nothing else.
 */
export interface PlacementProblem {
  readonly taskCount: number;
  readonly deviceCount: number;
  readonly taskName: readonly string[];
  readonly deviceName: readonly string[];
  /** durationMs[device * taskCount + task]; Infinity where a task cannot run. */
  readonly durationMs: Float64Array;
  /** All tasks, inputs first. */
  readonly order: Int32Array;

  /** Results that tasks hand on: the task that makes each, and those that read it (each once). */
  readonly resultProducer: Int32Array;
  readonly resultReaders: Rows;
  readonly resultBytes: Float64Array;
  readonly transfers: Transfers;

  readonly groupOf: Int32Array;
  readonly groups: Rows;
  /** By task: 1 in the backward pass of training. */
  readonly isBackward: Uint8Array;
  /** What a group occupies on its device all the time (weights, their gradients, optimizer state; instances: everything). */
  readonly groupBytes: Float64Array;
  /** By device; Infinity where there is no limit. */
  readonly memoryBytes: Float64Array;
  /** By group: the device a person chose; -1 where nobody did. */
  readonly pinnedDevice: Int32Array;
}

/** What it takes to bring a result to another device; paid once for each result and receiving device. */
export type Transfers =
  /** Over links: latency and bytes; a channel carries one transfer at a time, devices compute meanwhile. */
  | {
      readonly kind: 'links';
      /** [from * deviceCount + to]; msPerByte is Infinity where there is no way. */
      readonly latencyMs: Float64Array;
      readonly msPerByte: Float64Array;
      /** Which channel; pairs (and directions) with the same number share it. */
      readonly channel: Int32Array;
      readonly channelCount: number;
    }
  /**
   * Through host memory (Tarnawski et al., NeurIPS 2020): an accelerator spends the result's time once to send it,
   * however many receive it, and each receiving accelerator once; CPUs spend nothing.
   */
  | {
      readonly kind: 'through-host';
      readonly resultMs: Float64Array;
      readonly isAccelerator: Uint8Array;
    }
  /**
   * Listed for each result, reader and pair of devices (XEngine, Schuler et al., ACM TACO 2022); the sum of all times is
   * what counts, nothing overlaps. entryMs[(entry * deviceCount + from) * deviceCount + to], entry: index in
   * resultReaders.items.
   */
  | { readonly kind: 'listed'; readonly entryMs: Float64Array };

/** A device for each group. */
export type Placement = Uint8Array;

/** Device of each task under a placement. */
export function taskDevices({ taskCount, groupOf }: PlacementProblem, placement: Placement): Uint8Array {
  return Uint8Array.from({ length: taskCount }, (_, task) => placement[groupOf[task]]);
}
