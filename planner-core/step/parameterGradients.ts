import { isWeight } from './contributions';
import type { StepDraft } from './draft';
import type { Gradient } from './gradientBuffers';
import { isExpanded } from './gradientFlow';
import { ValueKind, type ValueId } from './stepGraph';

/** What a parameter does with its gradient: writes a copy of it, or adds it to what is there. */
export interface Accumulation {
  readonly outputs: readonly ValueId[];
  readonly updates: readonly ValueId[];
}

/** The `.grad` of every parameter that gets one. */
export class ParameterGradients {
  /** What earlier micro-batches, or zero_grad, left behind. */
  private readonly resident = new Map<number, ValueId>();
  private readonly found = new Map<number, ValueId>();

  /** `expected`: by TensorId, how many contributions its gradient gets. */
  constructor(
    private readonly draft: StepDraft,
    expected: Int32Array,
  ) {
    const { microBatches, zeroGrad } = draft.workload;
    if (microBatches === 1 && zeroGrad === 'set-to-none') return;
    for (const { id } of draft.graph.tensors) {
      if (!isWeight(draft, id) || expected[id] === 0) continue;
      this.resident.set(id, this.newGradient(id, true));
    }
  }

  residentOf(slot: number): ValueId | undefined {
    return this.resident.get(slot);
  }

  /**
   * AccumulateGrad: adds to a gradient that is there; else takes the buffer over, which costs nothing (undefined), where
   * nobody else holds it, and copies it where somebody does (torch/csrc/autograd/functions/accumulate_grad.h).
   */
  accumulate(parameter: number, { value, strides }: Gradient, isHeld: boolean): Accumulation | undefined {
    const { builder, graph, tensors } = this.draft;
    const resident = this.resident.get(parameter);
    if (resident !== undefined) return { outputs: [], updates: [resident] };
    if (isHeld || builder.bytesOf(value) !== tensors[parameter]!.bytes || isExpanded(strides))
      return { outputs: [this.newGradient(parameter, false)], updates: [] };
    builder.rename(value, `gradient of ${graph.tensors[parameter].name}`, ValueKind.parameterGradient);
    builder.keepToEnd(value);
    this.found.set(parameter, value);
    return undefined;
  }

  /**
   * By TensorId, in the order of module.parameters(), in which the optimizer goes: modules are registered as they are
   * used. Files list weights an exporter has rewritten last. Those that the model only returns come after all others.
   */
  inOrderOfUse(): Map<number, ValueId> {
    const ordered = new Map<number, ValueId>();
    for (const { inputs } of this.draft.graph.operators) {
      for (const id of inputs) {
        const gradient = this.found.get(id);
        if (gradient !== undefined) ordered.set(id, gradient);
      }
    }
    for (const [id, gradient] of this.found) ordered.set(id, gradient);
    return ordered;
  }

  private newGradient(parameter: number, residentAtStart: boolean): ValueId {
    const { builder, graph, tensors } = this.draft;
    const value = builder.value({
      name: `gradient of ${graph.tensors[parameter].name}`,
      bytes: tensors[parameter]!.bytes,
      kind: ValueKind.parameterGradient,
      residentAtStart,
    });
    builder.keepToEnd(value);
    this.found.set(parameter, value);
    return value;
  }
}
