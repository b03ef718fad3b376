/** |predicted / measured - 1| in percent. */
export function errorPercent(predicted: number, measured: number): number {
  if (measured === 0) return predicted === 0 ? 0 : Infinity;
  return 100 * Math.abs(predicted / measured - 1);
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const worst = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

/** Share of values that are exactly 0, in percent. */
export const exactShare = (errors: readonly number[]): number =>
  (100 * errors.filter((error) => error === 0).length) / errors.length;
