import type { Size } from '../../plan/sizePlan';
import type { BuiltStep } from '../../step/buildStep';
import { sizeKey } from './sizeLattice';

/** Builds the step at a size, with the work of its computations. */
export type SizeBuilder = (size: Size) => BuiltStep;

/** Steps that were built, each once. */
export class BuiltSizes {
  private readonly steps = new Map<string, BuiltStep>();

  constructor(private readonly build: SizeBuilder) {}

  builtAt(size: Size): BuiltStep {
    const key = sizeKey(size);
    const known = this.steps.get(key);
    if (known) return known;
    // Records hold on to the whole inference of the model.
    const lean = { ...this.build(size), records: [] };
    this.steps.set(key, lean);
    return lean;
  }
}
