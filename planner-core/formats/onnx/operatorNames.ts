import type { OperatorRecord } from './operatorBuilder';

/**
 * Makes operator names unique. The first operator with a name keeps it, and a name given in the file goes before one
 * that was made up; others get the first free suffix _1, _2, ...
 */
export function makeNamesUnique(records: readonly OperatorRecord[]): void {
  const reserved = new Set(records.map(({ givenName }) => givenName));
  const used = new Set<string>();
  const nextSuffix = new Map<string, number>();
  for (const { operator, givenName } of records) {
    const { name } = operator;
    const isFree = !used.has(name) && (givenName !== '' || !reserved.has(name));
    if (!isFree) {
      let suffix = nextSuffix.get(name) ?? 1;
      while (used.has(`${name}_${suffix}`) || reserved.has(`${name}_${suffix}`)) suffix++;
      nextSuffix.set(name, suffix + 1);
      operator.name = `${name}_${suffix}`;
    }
    used.add(operator.name);
  }
}
