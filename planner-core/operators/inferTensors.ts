import type { Diagnostic } from '../base/diagnostic';
import { bind } from '../graph/dim';
import type { ModelGraph, Operator, Subgraph, Tensor, TensorId } from '../graph/modelGraph';
import { DeclaredFacts } from './declaredFacts';
import { countOf } from './dims';
import { hostOperators } from './hostOperators';
import { InferenceProblem, mismatch } from './inferenceProblem';
import { OperatorInference, type InferenceScope } from './operatorInference';
import { operatorTypeName, ruleOf } from './registry';
import type { TensorFacts } from './rule';

/** Shapes, types and small constants of a model under a binding of its dimensions. */
export interface TensorTable {
  /** By TensorId. undefined where neither a rule nor the file says anything. */
  readonly facts: readonly (TensorFacts | undefined)[];
  /** Operators whose shapes cannot go together, and declarations of the file that are wrong. */
  readonly diagnostics: readonly Diagnostic[];
  /** Operator types without a rule, sorted: "Type" for ai.onnx, "domain::Type" for others. */
  readonly unprofiledOperators: readonly string[];
  /**
   * True for an operator that only computes sizes: in eager PyTorch it is Python arithmetic, runs nothing on the device
   * and costs no memory. Takes an index into `ModelGraph.operators`.
   */
  readonly isHost: (operatorIndex: number) => boolean;
}

/**
 * Infers every tensor of a model in one pass over its operators. `bindings` gives sizes for named dimensions; the
 * others stay expressions. Inferred facts are preferred over declared ones, which fill what inference leaves open.
 * What is wrong with an operator becomes a diagnostic and leaves its outputs to their declarations; nothing is thrown.
 */
export function inferTensors(graph: ModelGraph, bindings: Readonly<Record<string, number>>): TensorTable {
  const inference = new GraphInference(graph, bindings);
  inference.run(graph.operators);
  const host = hostOperators(graph, inference.facts);
  return {
    facts: inference.facts,
    diagnostics: [...inference.diagnostics, ...inference.declared.diagnostics()],
    unprofiledOperators: [...inference.unprofiled].sort(),
    isHost: (operatorIndex) => host[operatorIndex] === 1,
  };
}

class GraphInference implements InferenceScope {
  readonly facts: (TensorFacts | undefined)[];
  readonly diagnostics: Diagnostic[] = [];
  readonly unprofiled = new Set<string>();
  readonly declared: DeclaredFacts;

  constructor(
    private readonly graph: ModelGraph,
    readonly bindings: Readonly<Record<string, number>>,
  ) {
    this.facts = graph.tensors.map((tensor) => initialFacts(tensor, bindings));
    this.declared = new DeclaredFacts(graph.tensors, bindings);
  }

  factsOf(tensor: TensorId): TensorFacts | undefined {
    return this.facts[tensor];
  }

  report(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
  }

  run(operators: readonly Operator[]): void {
    for (const operator of operators) {
      const outputs = this.graph.isTraced ? this.traced(operator) : this.infer(operator);
      operator.outputs.forEach((tensor, position) => {
        if (tensor >= 0) this.facts[tensor] = this.declared.complete(tensor, outputs[position], operator);
      });
    }
  }

  inferSubgraph(
    body: Subgraph,
    inputs: readonly (TensorFacts | undefined)[],
    mayNotRun: boolean,
  ): readonly (TensorFacts | undefined)[] {
    const reported = this.diagnostics.length;
    body.inputs.forEach((tensor, position) => {
      if (tensor >= 0) this.facts[tensor] = inputs[position] ?? this.declared.of(tensor);
    });
    this.run(body.operators);
    if (mayNotRun) this.diagnostics.length = reported;
    return body.outputs.map((tensor) => this.facts[tensor]);
  }

  /** What running the program gave needs no rule; that one is missing still has to be known. */
  private traced(operator: Operator): readonly (TensorFacts | undefined)[] {
    if (!ruleOf(operator)) this.unprofiled.add(operatorTypeName(operator));
    return operator.outputs.map((tensor) => this.declared.of(tensor));
  }

  private infer(operator: Operator): readonly (TensorFacts | undefined)[] {
    const rule = ruleOf(operator);
    if (!rule) {
      this.unprofiled.add(operatorTypeName(operator));
      return [];
    }
    const opset = this.graph.opsets.get(operator.domain) ?? 1;
    try {
      return rule.infer(new OperatorInference(operator, opset, this)).map((facts) => facts && checked(facts));
    } catch (problem) {
      if (!(problem instanceof InferenceProblem)) throw problem;
      const { code, message } = problem;
      this.report({
        severity: 'warning',
        code,
        message: `${operator.type}: ${message}`,
        node: operator.name,
      });
      return [];
    }
  }
}

/** What the file says of tensors that nothing computes; computed ones start unknown. */
function initialFacts(tensor: Tensor, bindings: Readonly<Record<string, number>>): TensorFacts | undefined {
  const { dtype, shape, elements, role } = tensor;
  if (role === 'activation' || dtype === undefined) return undefined;
  return { dtype, shape: shape?.map((dim) => bind(dim, bindings)), elements };
}

/** Refuses sizes that no tensor can have, and drops elements that do not fill the shape. */
function checked(facts: TensorFacts): TensorFacts {
  for (const dim of facts.shape ?? []) {
    // A rule that reads an axis its input does not have.
    if (dim === undefined) throw mismatch('An input has fewer axes than the operator needs.');
    if (typeof dim === 'number' && !(Number.isSafeInteger(dim) && dim >= 0)) {
      throw mismatch(`A size comes out as ${dim}.`);
    }
  }
  const count = countOf(facts.shape);
  if (count !== undefined && !Number.isSafeInteger(count)) throw mismatch(`A tensor of ${count} elements.`);
  if (facts.elements && count !== facts.elements.length) {
    return { dtype: facts.dtype, shape: facts.shape };
  }
  return facts;
}
