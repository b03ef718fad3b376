import { notCarriedLines, type NotCarried } from './targets';

/**
 * Lines as comments. Names of a model file go into them: what ends a line in some language is written as a space, so that
 * no name can end the comment.
 */
export const commented = (lines: readonly string[], mark = '#'): string =>
  lines.map((line) => `${mark} ${line.replace(/[\r\n\f\v\u0085\u2028\u2029]+/g, ' ')}`.trimEnd()).join('\n');

/** Head of a text export: what it is, what it carries, what it does not. */
export function headComment(
  head: readonly string[],
  carried: readonly string[],
  notCarried: readonly NotCarried[],
): string {
  return commented([
    ...head,
    '',
    ...carried.map((line) => `Carried: ${line}`),
    ...notCarriedLines(notCarried),
  ]);
}
