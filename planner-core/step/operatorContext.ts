import type { ModelGraph, Operator } from '../graph/modelGraph';
import { pytorchVersionOf, type PyTorchVersion } from '../operators/pytorchVersion';
import type { ConcreteTensor, StepContext } from '../operators/rule';
import type { Workload } from './workload';

/** Adapts the step's tables to what cost and storage rules see. */
export class OperatorContext implements StepContext {
  constructor(
    readonly operator: Operator,
    private readonly graph: ModelGraph,
    private readonly tensors: readonly (ConcreteTensor | undefined)[],
    private readonly gradientNeeded: Uint8Array,
    private readonly workload: Workload,
  ) {}

  get opset(): number {
    return this.graph.opsets.get(this.operator.domain) ?? 1;
  }

  get pytorch(): PyTorchVersion | undefined {
    return pytorchVersionOf(this.graph.producer);
  }

  get semantics(): 'cuda' | 'cpu' {
    return this.workload.semantics;
  }

  get attention(): Workload['attention'] {
    return this.workload.attention;
  }

  get dropout(): 'as-exported' | 'none' {
    return this.workload.mode === 'inference' ? 'none' : this.workload.dropout;
  }

  input(index: number): ConcreteTensor | undefined {
    return this.tensors[this.operator.inputs[index] ?? -1];
  }

  output(index: number): ConcreteTensor | undefined {
    return this.tensors[this.operator.outputs[index] ?? -1];
  }

  needsGradient(index: number): boolean {
    const tensor = this.operator.inputs[index] ?? -1;
    return tensor >= 0 && this.gradientNeeded[tensor] === 1;
  }

  int(name: string, fallback: number): number {
    const attribute = this.operator.attributes.get(name);
    return attribute?.kind === 'int' ? attribute.value : fallback;
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.operator.attributes.get(name);
    return attribute?.kind === 'ints' ? attribute.value : undefined;
  }

  string(name: string): string | undefined {
    const attribute = this.operator.attributes.get(name);
    return attribute?.kind === 'string' ? attribute.value : undefined;
  }

  constant(index: number): readonly number[] | undefined {
    return this.graph.tensors[this.operator.inputs[index] ?? -1]?.elements;
  }
}
