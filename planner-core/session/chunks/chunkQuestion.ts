import type { OffloadLink } from '../../devices/offloadLink';
import type { PlanInputs } from '../../plan/planInputs';

/** How to run a training step with its model data in chunks that move between the device and its host. */
export interface ChunkQuestion {
  /** One device; `offload` says over which link, and how much the host has. */
  readonly inputs: PlanInputs;
  readonly budgetBytes: number;
  /** Absent: the size with which the step is fastest. */
  readonly chunkBytes?: number;
  /** Where the optimizer runs; 'auto': some chunks on the device, the others on the host. */
  readonly updates: UpdatePlace;
  /** A processor of the device catalogue. */
  readonly hostDevice: string;
}

export type UpdatePlace = 'auto' | 'device' | 'host';
export const updatePlaces: readonly UpdatePlace[] = ['auto', 'device', 'host'];

/** What updates run on, on the host, where nothing is said. */
export const defaultHostDevice = 'EPYC 9654 (CPU)';

/** A way to run the step, as the simulator has it. */
export interface ChunkWay {
  readonly chunkBytes: number;
  /** Chunks of parameters; gradients and each moment of the optimizer have as many, but for what is not trained. */
  readonly chunkCount: number;
  /** In all chunks, what no tensor fills. */
  readonly wasteBytes: number;
  /** All chunks together. */
  readonly modelDataBytes: number;
  /** Chunks of parameters that the device updates; the host updates the others. */
  readonly updatedOnDevice: number;
  /** Who chose what is computed again. */
  readonly planner: string;
  readonly recomputations: number;
  readonly peakBytes: number;
  /** Highest memory of all that is no chunk. */
  readonly otherPeakBytes: number;
  readonly hostPeakBytes: number;
  readonly stepTimeMs: number;
  /** Against keeping everything without chunks. */
  readonly overheadPercent: number;
  /** Of all micro-batches; what the update moves is counted in each, in the time of the step too, which is on the safe side. */
  readonly outBytes: number;
  readonly inBytes: number;
  /** Time in which the device does not compute. */
  readonly waitMs: number;
  /** Time of updates on the host. */
  readonly hostMs: number;
}

export interface ChunkAnswer {
  readonly budgetBytes: number;
  readonly hostDevice: string;
  readonly link: OffloadLink;
  /** Without chunks, nothing recomputed. */
  readonly keepAllPeakBytes: number;
  readonly keepAllStepTimeMs: number;
  /** The largest parameter, which no chunk may be smaller than. */
  readonly largest: { readonly name: string; readonly bytes: number };
  /** The fastest under the budget; absent where nothing fits. */
  readonly best?: ChunkWay;
  /** The one that needs the least memory on the device; absent where the host's memory suffices for none. */
  readonly least?: ChunkWay;
  /** The fastest of every size that was tried and fits, by size. */
  readonly sizes: readonly ChunkWay[];
  readonly assumptions: readonly string[];
}
