import { foldNames } from '../base/foldNames';
import { groupedBy } from '../base/groups';
import type { PlanDifference } from './planDifferences';

const headings: readonly (readonly [PlanDifference['about'], string])[] = [
  ['model', 'Model'],
  ['setting', 'Settings'],
  ['prediction', 'Predicted'],
  ['layer', 'Layers'],
  ['transfer', 'Transfers'],
];

/** Lines of one change that a summary shows. */
const mostAlike = 6;

/** Lines of plain text, under a heading for each kind of difference: every one of them. */
export const differenceLines = (differences: readonly PlanDifference[]): string[] =>
  underHeadings(differences, (ofKind) => ofKind.map(line));

/** The same in few lines: layers whose decisions change alike are one, and values are counted. */
export const differenceSummary = (differences: readonly PlanDifference[]): string[] =>
  underHeadings(differences, (ofKind, about) => {
    if (about === 'layer') return [...groupedBy(ofKind, changeOf).values()].flatMap(alikeLines);
    if (about === 'transfer') return [transferLine(ofKind)];
    return ofKind.map(line);
  });

function underHeadings(
  differences: readonly PlanDifference[],
  linesOf: (ofKind: readonly PlanDifference[], about: PlanDifference['about']) => string[],
): string[] {
  if (differences.length === 0) return ['The plans say the same.'];
  // A plan has one file and one structure: where both differ nothing else was compared.
  if (differences.length === 2 && differences.every(({ about }) => about === 'model'))
    return ['The plans are of different models:', ...differences.map((one) => `  ${line(one)}`)];
  return headings.flatMap(([about, heading]) => {
    const ofKind = differences.filter((difference) => difference.about === about);
    return ofKind.length > 0 ? [`${heading}:`, ...linesOf(ofKind, about).map((text) => `  ${text}`)] : [];
  });
}

function line({ what, before, after }: PlanDifference): string {
  const name = what || 'the whole model';
  if (before === undefined) return `${name}: ${after} (new)`;
  if (after === undefined) return `${name}: ${before} (gone)`;
  return `${name}: ${before} → ${after}`;
}

const changeOf = ({ before, after }: PlanDifference): string =>
  JSON.stringify([before ?? null, after ?? null]);

function alikeLines(alike: readonly PlanDifference[]): string[] {
  const folds = foldNames(alike.map(({ what }) => what));
  // One line less is not worth saying that it is missing.
  const shown = folds.length > mostAlike + 1 ? folds.slice(0, mostAlike) : folds;
  const lines = shown.map(({ text }) => line({ ...alike[0], what: text }));
  const left = folds.slice(shown.length).reduce((sum, { names }) => sum + names.length, 0);
  return left === 0 ? lines : [...lines, line({ ...alike[0], what: `${left} more layers` })];
}

function transferLine(differences: readonly PlanDifference[]): string {
  const count = (isOne: (difference: PlanDifference) => boolean): number => differences.filter(isOne).length;
  const counts: [number, string][] = [
    [count(({ before }) => before === undefined), 'more'],
    [count(({ after }) => after === undefined), 'no longer'],
    [count(({ before, after }) => before !== undefined && after !== undefined), 'at other moments'],
  ];
  return `values moved: ${counts
    .filter(([found]) => found > 0)
    .map(([found, how]) => `${found} ${how}`)
    .join(', ')}`;
}
