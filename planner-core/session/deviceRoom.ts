import { architectureOf, cudaContext } from '../devices/architecture';
import type { PlanInputs } from '../plan/planInputs';
import type { PlannedDirectives } from '../planners/problem';
import type { AllocatorSettings } from './allocatorSettings';
import { allocatorViews } from './allocatorView';
import type { StepState } from './stepState';
import type { Taken } from './taken';

/** A plan as far as its memory goes. */
export type Placeable = Pick<PlannedDirectives, 'directives' | 'peakBytes'>;

/**
 * How much of the first device's memory plans may take. A plan fits where all of it does, whatever the CUDA context takes
 * within its tolerance, and without giving cached segments back on the way: that costs time at every step, which nothing
 * here tells.
 */
export class DeviceRoom {
  /** What tensors may request at most: the memory less the CUDA context. */
  readonly requestableBytes: number;
  private readonly toleranceBytes: number;

  /** @param memoryBytes what may be taken, everything included. */
  constructor(
    private readonly state: StepState,
    private readonly inputs: Pick<PlanInputs, 'workload' | 'devices'>,
    private readonly allocator: AllocatorSettings,
    readonly memoryBytes = inputs.devices[0].memoryBytes,
  ) {
    const software = architectureOf(inputs.devices[0].name)?.software;
    const hasContext = inputs.workload.semantics === 'cuda' && software === 'cuda';
    const contextBytes = hasContext ? allocator.contextBytes : 0;
    this.requestableBytes = Math.max(0, memoryBytes - contextBytes);
    this.toleranceBytes = contextBytes > 0 ? cudaContext.toleranceBytes : 0;
  }

  /** One replay of the step by the allocator, with memory without end. */
  taken({ directives, peakBytes }: Placeable): Taken {
    const { workload, devices } = this.inputs;
    const endless = devices.map((device) => ({ ...device, memoryBytes: Infinity }));
    const views = allocatorViews(this.state, { workload, devices: endless }, directives, this.allocator);
    const first = views.find(({ device }) => device === devices[0].id);
    return { peakBytes, totalBytes: first?.totalBytes, toleranceBytes: this.toleranceBytes };
  }

  /** By how many bytes a plan is too big to fit for sure; 0 when it fits. */
  overflowBytes({ peakBytes, totalBytes = peakBytes, toleranceBytes }: Taken): number {
    return Math.max(0, totalBytes + toleranceBytes - this.memoryBytes, peakBytes - this.requestableBytes);
  }
}
