/** Beyond the first size that fails, so many more are tried: plans are found by heuristics, which may skip one. */
export const lookAhead = 2;

/**
 * The largest multiple of `granularity` that fits, found by doubling from `start` (a multiple), bisection, and a look
 * at the sizes just above. Needs grow with the size, but plans do not have to: the answer fits, the next size does
 * not, and a larger size that fits in spite of that can be missed. 0 when the smallest one tried does not fit.
 * Every size is tried once at most.
 */
export async function largestFitting(
  fits: (size: number) => Promise<boolean>,
  start: number,
  granularity: number,
  largestTried: number,
): Promise<number> {
  const known = new Map<number, Promise<boolean>>();
  const tried = (unit: number): Promise<boolean> => {
    const answer = known.get(unit) ?? fits(unit * granularity);
    known.set(unit, answer);
    return answer;
  };
  const last = Math.max(1, Math.floor(largestTried / granularity));
  let low = 0;
  let high = Math.min(last, Math.max(1, Math.round(start / granularity)));
  while (await tried(high)) {
    low = high;
    if (high === last) return low * granularity;
    high = Math.min(last, 2 * high);
  }
  while (low === 0 && high > 1) {
    const half = high >> 1;
    if (await tried(half)) low = half;
    else high = half;
  }
  for (;;) {
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (await tried(middle)) low = middle;
      else high = middle;
    }
    const beyond = await firstBeyond(tried, high, last);
    if (beyond === undefined) return low * granularity;
    low = beyond;
    high = beyond + 1;
    while (high <= last && (await tried(high))) low = high++;
    if (high > last) return low * granularity;
  }
}

async function firstBeyond(
  tried: (unit: number) => Promise<boolean>,
  failed: number,
  last: number,
): Promise<number | undefined> {
  for (let unit = failed + 1; unit <= Math.min(last, failed + lookAhead); unit++)
    if (await tried(unit)) return unit;
  return undefined;
}
