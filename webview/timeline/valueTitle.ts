import type { StepGraph } from '../../planner-core/step/stepGraph';

/** Names that exporters gave by counting: v105, val_12, 345. */
const counted = /^[a-z]*_?\d+$/i;

/** What people know a value by: its name, or where that only counts, the operator that makes it: `/h.7/mlp/Gelu (v105)`. */
export function valueTitle(
  step: Pick<StepGraph, 'valueName' | 'nodeName' | 'producer'>,
  value: number,
): string {
  const name = step.valueName[value];
  const producer = step.producer[value];
  return producer < 0 || !counted.test(name) ? name : `${step.nodeName[producer]} (${name})`;
}
