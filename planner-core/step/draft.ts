import type { Diagnostic } from '../base/diagnostic';
import { rooflineMs, type Work } from '../devices/roofline';
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

/** Time of a piece of work on every device. */
export function durations(draft: StepDraft, work: Work): number[] {
  return draft.devices.map((device) => rooflineMs(work, device));
}

/** Which compute peak a product runs at: cuDNN uses TF32 for fp32 convolutions by default, cuBLAS does not. */
export function computeRate(operator: Operator, context: StepContext): Work['rate'] {
  const output = context.output(0)?.dtype;
  if (output === 'bfloat16' || output === 'float16') return 'half';
  return operator.type.startsWith('Conv') ? 'tf32' : 'fp32';
}
