/** Milliseconds that `work` takes: the median of `repeats` runs, the first of which also warms caches. */
export function medianMs(repeats: number, work: () => void): number {
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return quantile(times, 0.5);
}

/** The value below which a share of the sample lies (nearest rank). */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

export const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 0);
