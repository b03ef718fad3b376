import { nearestNames } from './nearestNames';

/** More names than this are no help. */
const mostNames = 3;

/**
 * `Did you mean RTX 4090?`: names that `wanted` is a part of whatever its case and punctuation, else those with the least
 * edit distance. Undefined where none is near.
 */
export function didYouMean(wanted: string, names: readonly string[]): string | undefined {
  const bare = bareText(wanted);
  if (bare === '') return undefined;
  const partOf = names.filter((name) => bareText(name).includes(bare)).slice(0, mostNames);
  const found = partOf.length > 0 ? partOf : nearestNames(wanted, names);
  if (found.length === 0) return undefined;
  const [last, ...others] = [...found].reverse();
  return `Did you mean ${others.length > 0 ? `${others.reverse().join(', ')} or ${last}` : last}?`;
}

/** A hint for a name that is not known: what may have been meant, and what there is. */
export const nameHint = (wanted: string, names: readonly string[], there: string): string =>
  [didYouMean(wanted, names), there].filter(Boolean).join(' ');

const bareText = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
