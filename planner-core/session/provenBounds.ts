/** Proven: no plan within the budget adds less time to the step. */
export interface ProvenBound {
  readonly budgetBytes: number;
  readonly leastAddedMs: number;
}

/**
 * What has been proven for single budgets, put together: a plan within a budget is a plan within every higher one, so
 * the least added time never rises with the budget, and a bound for one budget holds for all below it.
 */
export class ProvenBounds {
  /** By ascending budget and strictly descending time. */
  private bounds: ProvenBound[] = [];

  get all(): readonly ProvenBound[] {
    return this.bounds;
  }

  /** Infinity for a budget that no plan meets. */
  add(budgetBytes: number, leastAddedMs: number): void {
    if (!(leastAddedMs > this.leastAddedMs(budgetBytes))) return;
    const others = this.bounds.filter(
      (bound) => bound.budgetBytes > budgetBytes || bound.leastAddedMs > leastAddedMs,
    );
    this.bounds = [...others, { budgetBytes, leastAddedMs }].sort((a, b) => a.budgetBytes - b.budgetBytes);
  }

  /** 0 where nothing is proven. */
  leastAddedMs(budgetBytes: number): number {
    return this.bounds.find((bound) => bound.budgetBytes >= budgetBytes)?.leastAddedMs ?? 0;
  }
}

/** Everything proven as people see it, in per cent of keeping everything; numbers that JSON has no word for left out. */
export function boundsInPercent(
  { all }: ProvenBounds,
  keepAllStepTimeMs: number,
): {
  /** By ascending budget and descending percentage. */
  readonly bounds: { readonly budgetBytes: number; readonly lowerBoundPercent: number }[];
  /** No plan meets this budget or a lower one; 0 where nothing is proven. */
  readonly infeasibleBytes: number;
} {
  const percentOf = (ms: number): number => (keepAllStepTimeMs > 0 ? (100 * ms) / keepAllStepTimeMs : 0);
  return {
    bounds: all
      .filter(({ leastAddedMs }) => leastAddedMs < Infinity)
      .map(({ budgetBytes, leastAddedMs }) => ({ budgetBytes, lowerBoundPercent: percentOf(leastAddedMs) })),
    infeasibleBytes: all.findLast(({ leastAddedMs }) => leastAddedMs === Infinity)?.budgetBytes ?? 0,
  };
}
