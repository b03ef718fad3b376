import type { Diagnostic } from '../base/diagnostic';
import { bind, symbolsOf, type Dim } from '../graph/dim';
import type { Operator, Tensor, TensorId } from '../graph/modelGraph';
import { dependsOnData, shapeText } from './dims';
import type { TensorFacts } from './rule';

/** Conflicts reported one by one; the rest are counted. */
const maxConflicts = 10;

/**
 * What a file declares about computed tensors (value_info). It fills what inference leaves open; where both know a
 * number and differ, the inferred one stands and the conflict is reported.
 */
export class DeclaredFacts {
  private readonly conflicts: Diagnostic[] = [];
  private conflictCount = 0;
  /** Names of the inputs' dimensions: others (an exporter's "Reshape_dim_0") say nothing. */
  private readonly inputSymbols = new Set<string>();
  /** Declarations repeat a few expressions thousands of times. */
  private readonly boundByText = new Map<string, Dim>();

  constructor(
    private readonly tensors: readonly Tensor[],
    private readonly bindings: Readonly<Record<string, number>>,
  ) {
    for (const { role, shape } of tensors) {
      if (role === 'input') shape?.forEach((dim) => symbolsOf(dim, this.inputSymbols));
    }
  }

  of(tensor: TensorId): TensorFacts | undefined {
    const { dtype, shape } = this.tensors[tensor];
    if (dtype === undefined) return undefined;
    return { dtype, shape: shape?.map((dim) => this.bound(dim)) };
  }

  /** Inferred facts of an operator's output with the gaps filled from the declaration. */
  complete(tensor: TensorId, inferred: TensorFacts | undefined, operator: Operator): TensorFacts | undefined {
    const declared = this.of(tensor);
    if (!inferred || !declared) return inferred ?? declared;
    if (inferred.dtype !== declared.dtype) {
      this.conflict(tensor, operator, `is ${inferred.dtype}, but declared as ${declared.dtype}`);
      return inferred;
    }
    const { shape } = inferred;
    const wanted = declared.shape;
    if (!wanted) return inferred;
    if (!shape) return { ...inferred, shape: wanted };
    const agrees =
      shape.length === wanted.length &&
      shape.every((dim, axis) => {
        const other = wanted[axis];
        return typeof dim !== 'number' || typeof other !== 'number' || dim === other;
      });
    if (!agrees) {
      this.conflict(
        tensor,
        operator,
        `has shape ${shapeText(shape)}, but is declared as ${shapeText(wanted)}`,
      );
      return inferred;
    }
    if (!shape.some(dependsOnData)) return inferred;
    return {
      ...inferred,
      shape: shape.map((dim, axis) => (dependsOnData(dim) && this.says(wanted[axis]) ? wanted[axis] : dim)),
    };
  }

  private bound(dim: Dim): Dim {
    if (typeof dim === 'number') return dim;
    let bound = this.boundByText.get(dim.text);
    if (bound === undefined) this.boundByText.set(dim.text, (bound = bind(dim, this.bindings)));
    return bound;
  }

  private says(dim: Dim): boolean {
    return typeof dim === 'number' || [...symbolsOf(dim)].every((name) => this.inputSymbols.has(name));
  }

  diagnostics(): readonly Diagnostic[] {
    const more = this.conflictCount - this.conflicts.length;
    if (more === 0) return this.conflicts;
    const message = `${more} more tensors are declared differently from what their operators give.`;
    return [...this.conflicts, { severity: 'info', code: 'declaration-conflict', message }];
  }

  private conflict(tensor: TensorId, operator: Operator, what: string): void {
    if (++this.conflictCount > maxConflicts) return;
    this.conflicts.push({
      severity: 'info',
      code: 'declaration-conflict',
      message: `Tensor ${this.tensors[tensor].name} ${what}.`,
      node: operator.name,
    });
  }
}
