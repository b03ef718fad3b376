import type { Operator, TensorId } from '../graph/modelGraph';
import type { GraphIndex } from './graphIndex';
import type { Hole, OperatorTemplate, Template } from './template';

/** A template found in a graph. */
export interface Match {
  /** Index into `ModelGraph.operators` of every operator it covers; the first makes the result. */
  readonly operators: readonly number[];
  /** The tensor a hole stands for; undefined where the option with the hole was not taken. */
  tensor(hole: Template): TensorId | undefined;
  /** The operator a template stands for. */
  operator(template: Template): Operator | undefined;
}

/** What is still to be shown, first things first. */
interface Goal {
  readonly template: Template;
  readonly tensor: TensorId;
  readonly next: Goal | undefined;
}

/** How many levels of operators are compared by type before a search begins. */
const glanceDepth = 2;

/**
 * Finds a template whose result is made by operator `root`. Only what nobody else reads may be inside: a tensor that
 * is read elsewhere exists in the eager program too. Returns undefined when there is no match.
 */
export function matchAt(index: GraphIndex, template: OperatorTemplate, root: number): Match | undefined {
  const result = index.graph.operators[root].outputs[0];
  if (!couldMatch(index, template, result, glanceDepth)) return undefined;
  const matcher = new Matcher(index);
  return matcher.solve({ template, tensor: result, next: undefined }) && matcher.isClosed(root)
    ? matcher
    : undefined;
}

/** Whether the operator types fit, as far as `depth` levels go: cheap, and enough to turn most places down. */
function couldMatch(index: GraphIndex, template: Template, tensor: TensorId, depth: number): boolean {
  if (template.kind === 'choice')
    return template.options.some((option) => couldMatch(index, option, tensor, depth));
  if (template.kind !== 'operator' || depth === 0) return true;
  const producer = index.producerOf(tensor);
  if (producer < 0) return false;
  const { type, inputs } = index.graph.operators[producer];
  if (!template.types.includes(type) || inputs.length < template.inputs.length) return false;
  const fits = (position: number, at: number): boolean =>
    couldMatch(index, template.inputs[position], inputs[at], depth - 1);
  if (template.inputs.every((_, position) => fits(position, position))) return true;
  return template.commutes && fits(0, 1) && fits(1, 0);
}

/** Depth-first search over the choices a template leaves, undone step by step. */
class Matcher implements Match {
  private readonly bound = new Map<Template, TensorId>();
  private readonly covered = new Map<Template, number>();

  constructor(private readonly index: GraphIndex) {}

  get operators(): readonly number[] {
    return [...this.covered.values()];
  }

  tensor(hole: Template): TensorId | undefined {
    return this.bound.get(hole);
  }

  operator(template: Template): Operator | undefined {
    const index = this.covered.get(template);
    return index === undefined ? undefined : this.index.graph.operators[index];
  }

  solve(goal: Goal | undefined): boolean {
    if (!goal) return true;
    const { template, tensor, next } = goal;
    if (tensor < 0) return false;
    if (template.kind === 'choice')
      return template.options.some((option) => this.solve({ template: option, tensor, next }));
    const known = this.bound.get(template);
    if (known !== undefined) return known === tensor && this.solve(next);
    if (template.kind === 'number') return this.isNumber(tensor, template.value) && this.solve(next);
    if (template.kind === 'hole' && !this.fits(template, tensor)) return false;
    this.bound.set(template, tensor);
    const found = template.kind === 'hole' ? this.solve(next) : this.solveOperator(template, tensor, next);
    if (!found) this.bound.delete(template);
    return found;
  }

  /** Nothing outside reads what is made inside, except the result. */
  isClosed(root: number): boolean {
    const operators = new Set(this.covered.values());
    const reads = new Map<TensorId, number>();
    for (const index of operators)
      for (const id of this.index.graph.operators[index].inputs) reads.set(id, (reads.get(id) ?? 0) + 1);
    return [...operators].every(
      (index) =>
        index === root ||
        this.index.graph.operators[index].outputs.every(
          (id) => id < 0 || this.index.readsOf(id) === (reads.get(id) ?? 0),
        ),
    );
  }

  private solveOperator(template: OperatorTemplate, tensor: TensorId, next: Goal | undefined): boolean {
    const at = this.index.producerOf(tensor);
    const operator = this.index.graph.operators[at];
    if (at < 0 || operator.domain !== '' || operator.outputs[0] !== tensor) return false;
    if (!template.types.includes(operator.type) || template.where?.(operator) === false) return false;
    if (operator.inputs.length < template.inputs.length) return false;
    this.covered.set(template, at);
    const { inputs } = template;
    let goals = next;
    for (let position = inputs.length - 1; position >= 0; position--)
      goals = { template: inputs[position], tensor: operator.inputs[position], next: goals };
    if (this.solve(goals)) return true;
    if (template.commutes) {
      const second = { template: inputs[1], tensor: operator.inputs[0], next };
      if (this.solve({ template: inputs[0], tensor: operator.inputs[1], next: second })) return true;
    }
    this.covered.delete(template);
    return false;
  }

  private fits({ of }: Hole, tensor: TensorId): boolean {
    const { role, elements } = this.index.graph.tensors[tensor];
    if (of === 'initializer') return role !== 'activation' && role !== 'input';
    return of === 'anything' || (elements?.length === 1 && role !== 'activation');
  }

  private isNumber(tensor: TensorId, value: number): boolean {
    const elements = this.index.graph.tensors[tensor].elements;
    // Exporters write numbers in half precision too.
    return elements?.length === 1 && Math.abs(elements[0] - value) <= 2e-3 * Math.max(Math.abs(value), 1e-3);
  }
}
