import { groupedBy } from '../../planner-core/base/groups';
import type { Recognition } from '../../planner-core/recognition/recognise';
import type { LayerRow, StepView } from '../../planner-core/session/types';

/** What each operator of the step was read as, by its name: several readings where a later one builds on an earlier. */
export type RecognitionsByOperator = ReadonlyMap<string, readonly Recognition[]>;

export function recognitionsByOperator({ recognitions }: StepView): RecognitionsByOperator {
  return groupedBy(recognitions, ({ operator }) => operator);
}

/** Several operators of the file became one call; else something lost was put back to an operator that stays. */
export const isCall = ({ pieces }: Recognition): boolean => pieces.length > 1;

/** `layer_norm` for `torch.nn.functional.layer_norm`. */
export const shortCall = (readAs: string): string => /^(?:\w+\.)*(\w+)(?=\(|$)/.exec(readAs)?.[1] ?? readAs;

/** The call an operator row was read as, the last reading where there are several; undefined where it is as exported. */
export function callOf(byOperator: RecognitionsByOperator, { kind, name }: LayerRow): string | undefined {
  const last = kind === 'operator' ? byOperator.get(name)?.filter(isCall).at(-1) : undefined;
  return last && shortCall(last.readAs);
}

/** Entries of `asExported` that name single operators of the step; the others name patterns. */
export function operatorsAsExported(view: StepView, asExported: readonly string[]): string[] {
  if (asExported.length === 0) return [];
  const operators = new Set(view.layers.filter(({ kind }) => kind === 'operator').map(({ name }) => name));
  return asExported.filter((entry) => operators.has(entry));
}
