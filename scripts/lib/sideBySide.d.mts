/** See sideBySide.mjs. */
export function sideBySide<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  atATime?: number,
): Promise<R[]>;
