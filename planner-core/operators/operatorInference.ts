import type { Diagnostic } from '../base/diagnostic';
import { symbol, type Dim } from '../graph/dim';
import type { AttributeValue, Operator, Subgraph, TensorId } from '../graph/modelGraph';
import { dataDependentMark } from './dims';
import { badAttribute } from './inferenceProblem';
import type { InferenceContext, TensorFacts } from './rule';

/** What one operator's inference may ask of the inference of the whole graph. */
export interface InferenceScope {
  readonly bindings: Readonly<Record<string, number>>;
  factsOf(tensor: TensorId): TensorFacts | undefined;
  inferSubgraph(
    body: Subgraph,
    inputs: readonly (TensorFacts | undefined)[],
    mayNotRun: boolean,
  ): readonly (TensorFacts | undefined)[];
  report(diagnostic: Diagnostic): void;
}

type AttributeValues = { readonly [A in AttributeValue as A['kind']]: A['value'] };

/** The view of one operator that its rule gets. An attribute of the wrong kind is an InferenceProblem. */
export class OperatorInference implements InferenceContext {
  private freshCount = 0;

  constructor(
    readonly operator: Operator,
    readonly opset: number,
    private readonly scope: InferenceScope,
  ) {}

  input(index: number): TensorFacts | undefined {
    const tensor = this.operator.inputs[index] ?? -1;
    return tensor >= 0 ? this.scope.factsOf(tensor) : undefined;
  }

  int(name: string): number | undefined;
  int(name: string, fallback: number): number;
  int(name: string, fallback?: number): number | undefined {
    return this.valueOf(name, 'int') ?? fallback;
  }

  float(name: string, fallback: number): number {
    return this.valueOf(name, 'float') ?? fallback;
  }

  string(name: string): string | undefined {
    return this.valueOf(name, 'string');
  }

  ints(name: string): readonly number[] | undefined {
    return this.valueOf(name, 'ints');
  }

  floats(name: string): readonly number[] | undefined {
    return this.valueOf(name, 'floats');
  }

  strings(name: string): readonly string[] | undefined {
    return this.valueOf(name, 'strings');
  }

  attribute(name: string): AttributeValue | undefined {
    return this.operator.attributes.get(name);
  }

  tensorAttribute(name: string): TensorFacts | undefined {
    const tensor = this.valueOf(name, 'tensor');
    return tensor === undefined ? undefined : this.scope.factsOf(tensor);
  }

  inferSubgraph(
    body: Subgraph,
    inputs: readonly (TensorFacts | undefined)[],
    mayNotRun = false,
  ): readonly (TensorFacts | undefined)[] {
    return this.scope.inferSubgraph(body, inputs, mayNotRun);
  }

  /** Named after the operator, so that a workload can bind it like the dimension of an input. */
  freshDim(hint: string): Dim {
    const name = `${this.operator.name}${dataDependentMark}${hint}`;
    const unique = this.freshCount++ === 0 ? name : `${name}${this.freshCount}`;
    const { bindings } = this.scope;
    return Object.hasOwn(bindings, unique) ? bindings[unique] : symbol(unique);
  }

  report(diagnostic: Omit<Diagnostic, 'node'>): void {
    this.scope.report({ ...diagnostic, node: this.operator.name });
  }

  private valueOf<Kind extends AttributeValue['kind']>(
    name: string,
    kind: Kind,
  ): AttributeValues[Kind] | undefined {
    const attribute = this.operator.attributes.get(name);
    if (!attribute) return undefined;
    if (attribute.kind !== kind) {
      throw badAttribute(
        `Attribute ${name} of ${this.operator.type} is of kind ${attribute.kind}, not ${kind}.`,
      );
    }
    return attribute.value as AttributeValues[Kind];
  }
}
