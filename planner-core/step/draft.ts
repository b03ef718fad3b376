import type { Diagnostic } from '../base/diagnostic';
import type { WorkClass } from '../devices/efficiency';
import { rooflineCost, type Bound, type DeviceTiming, type Work } from '../devices/roofline';
import type { DeviceSpec } from '../devices/catalogue';
import type { DType } from '../graph/dtype';
import type { ModelGraph, Operator } from '../graph/modelGraph';
import type { ConcreteTensor, OperatorRule, StepContext } from '../operators/rule';
import { OperatorContext } from './operatorContext';
import type { StepBuilder } from './stepBuilder';
import type { NodeId, ValueId } from './stepGraph';
import type { Workload } from './workload';

/** What the forward pass of one operator left behind for its backward pass. */
export interface ForwardRecord {
  readonly operator: number;
  readonly rule: OperatorRule | undefined;
  readonly context: StepContext;
  /** whole-view: gradients pass through untouched. part-view: no forward work, but a gradient of full size. */
  readonly kind: 'compute' | 'whole-view' | 'part-view';
  /** -1 for views. */
  readonly node: NodeId;
  /** Storages autograd keeps for this operator. */
  readonly saved: readonly ValueId[];
  readonly macs: number;
}

/** The step while it is being built; passes add to it in the order forward, loss, backward, optimizer. */
export interface StepDraft {
  readonly graph: ModelGraph;
  readonly workload: Workload;
  readonly devices: readonly DeviceSpec[];
  /** What kernels reach on each of the devices. */
  readonly timings: readonly DeviceTiming[];
  readonly builder: StepBuilder;
  /** By TensorId: sizes at run time; strides are filled in by the forward pass. */
  readonly tensors: (ConcreteTensor | undefined)[];
  readonly halfType: DType | undefined;
  /** By TensorId: 1 where a gradient is wanted. */
  readonly gradientNeeded: Uint8Array;
  /** By TensorId: the storage; -1 for shape arithmetic, which never reaches the device. */
  readonly storage: Int32Array;
  readonly records: ForwardRecord[];
  readonly diagnostics: Diagnostic[];
}

export function contextOf(draft: StepDraft, operator: Operator): OperatorContext {
  return new OperatorContext(operator, draft.graph, draft.tensors, draft.gradientNeeded, draft.workload);
}

/** What a node costs: its time on every device, and what makes it take that long on the first. */
export interface NodeCost {
  readonly durationMs: readonly number[];
  readonly macs: number;
  readonly trafficBytes: number;
  readonly bound: Bound;
  readonly workClass: WorkClass;
  readonly work: Work;
}

export function costOf(draft: StepDraft, work: Work): NodeCost {
  const costs = draft.timings.map((timing) => rooflineCost(work, timing));
  return {
    durationMs: costs.map(({ durationMs }) => durationMs),
    macs: work.macs,
    trafficBytes: work.trafficBytes,
    bound: costs[0].bound,
    workClass: work.workClass,
    work,
  };
}

/** Work that is nothing but memory traffic, in one kernel. */
export const trafficOnly = (trafficBytes: number): Work => ({
  workClass: 'elementwise',
  macs: 0,
  trafficBytes,
  rate: 'fp32',
});
