/** At most `count` of a list, in its order: both ends and evenly between; all where there are no more. `count`: 2 or more. */
export function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]);
}
