import { foldNames } from './foldNames';

/** Things whose names are alike but for numbers and that are said the same of. */
interface FoldedAlike<T> {
  /** `h.{0-11}.attn`: all their names. */
  readonly text: string;
  readonly items: readonly T[];
}

/**
 * Rows that differ in nothing but a number of their name as one, in the order in which the first of each comes. `keyOf`
 * is what is said of a thing beside its name; names are unique.
 */
export function foldAlike<T extends { readonly name: string }>(
  items: readonly T[],
  keyOf: (item: T) => string,
): FoldedAlike<T>[] {
  const byName = new Map(items.map((item, place) => [item.name, { item, place }]));
  const byKey = new Map<string, string[]>();
  for (const item of items) {
    const key = keyOf(item);
    const names = byKey.get(key);
    if (names) names.push(item.name);
    else byKey.set(key, [item.name]);
  }
  return [...byKey.values()]
    .flatMap((names) => foldNames(names))
    .map(({ text, names }) => {
      const found = names.map((name) => byName.get(name)!).sort((a, b) => a.place - b.place);
      return { text, items: found.map(({ item }) => item), place: found[0].place };
    })
    .sort((a, b) => a.place - b.place)
    .map(({ text, items }) => ({ text, items }));
}
