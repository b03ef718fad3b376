import type { PlanOfStep } from '../session/types';

/** Where a plan to compare with comes from: the plan file, what Git has of it at HEAD, or a file that a person chooses. */
export const planSources = ['saved', 'committed', 'file'] as const;
export type PlanSource = (typeof planSources)[number];

/** How two plans can be read besides: what differs in plain words, or both files side by side. */
export type ComparisonForm = 'words' | 'side-by-side';

/** A plan that the one on screen is held against, as its file says it: nothing of it was planned anew. */
export interface ComparedPlan extends PlanOfStep {
  /** Rises with every comparison. */
  readonly run: number;
  /** What to call it, e.g. `gpt2.onnx.plan.json at HEAD`. */
  readonly name: string;
}
