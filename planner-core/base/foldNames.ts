import { naturalOrder } from './naturalOrder';

/** Names that are alike but for numbers, as one text. */
export interface FoldedNames {
  /** `h.{0-3,10}.mlp`: every combination of the numbers in braces is one of the names. */
  readonly text: string;
  readonly names: readonly string[];
}

/** A name cut at its numbers: texts at even places, at odd ones the numbers there, in order. */
interface Fold {
  readonly texts: readonly string[];
  readonly numbers: readonly (readonly string[])[];
  readonly names: readonly string[];
}

/**
 * Writes a list of names short without losing one: those that differ in one number only become one, first by their
 * last number or first by their first, whichever leaves fewer. In natural order.
 */
export function foldNames(names: readonly string[]): FoldedNames[] {
  const folds = [...new Set(names)].sort(naturalOrder).map(foldOf);
  const places = Math.max(0, ...folds.map(({ numbers }) => numbers.length));
  const fromFirst = Array.from({ length: places }, (_, place) => place);
  const [one, other] = [fromFirst, [...fromFirst].reverse()].map((order) => order.reduce(joined, folds));
  return (other.length < one.length ? other : one).map(({ texts, numbers, names }) => ({
    text: texts.map((text, i) => text + (i < numbers.length ? numbersText(numbers[i]) : '')).join(''),
    names,
  }));
}

/** Of the names, those that are like a fold but for the numbers in which its names differ. */
export function namesLike({ names }: FoldedNames, all: Iterable<string>): string[] {
  const folds = names.map(foldOf);
  const varies = folds[0].numbers.map((number, i) => folds.some((fold) => fold.numbers[i][0] !== number[0]));
  const kindOf = ({ texts, numbers }: Fold): string =>
    JSON.stringify([texts, numbers.filter((_, i) => !varies[i])]);
  const wanted = kindOf(folds[0]);
  return [...all].filter((name) => kindOf(foldOf(name)) === wanted);
}

function foldOf(name: string): Fold {
  const parts = name.split(/(\d+)/);
  return {
    texts: parts.filter((_, i) => i % 2 === 0),
    numbers: parts.filter((_, i) => i % 2 === 1).map((number) => [number]),
    names: [name],
  };
}

/** Folds that differ at this place only become one. */
function joined(folds: readonly Fold[], place: number): Fold[] {
  const byRest = new Map<string, Fold>();
  for (const fold of folds) {
    const rest = JSON.stringify([fold.texts, fold.numbers.filter((_, i) => i !== place)]);
    const known = byRest.get(rest);
    byRest.set(rest, known ? union(known, fold, place) : fold);
  }
  return [...byRest.values()];
}

const union = (a: Fold, b: Fold, place: number): Fold => ({
  texts: a.texts,
  numbers: a.numbers.map((numbers, i) => (i === place ? [...numbers, ...b.numbers[i]] : numbers)),
  names: [...a.names, ...b.names],
});

/** `{0,2-4}`: three numbers or more in a row become a range. */
function numbersText(numbers: readonly string[]): string {
  if (numbers.length === 1) return numbers[0];
  const runs: string[][] = [];
  for (const number of [...numbers].sort(naturalOrder)) {
    const run = runs.at(-1);
    if (run && follows(number, run[run.length - 1])) run.push(number);
    else runs.push([number]);
  }
  const texts = runs.flatMap((run) => (run.length > 2 ? [`${run[0]}-${run[run.length - 1]}`] : run));
  return `{${texts.join(',')}}`;
}

/** Leading zeros belong to a name: `09` is not followed by `10` in a range that says `9`. */
const follows = (number: string, before: string): boolean =>
  String(Number(before)) === before && String(Number(before) + 1) === number;
