import { badSizes, type WrittenSize } from './sizeDistribution';
import type { SizesInText } from './readSizes';

/** Keys under which data sets keep the tokens of an example, or how many there are. */
const tokenKeys = ['input_ids', 'tokens', 'ids'];
const lengthKeys = ['length', 'len', 'size', 'num_tokens', 'n_tokens'];

export const isSizesJson = (text: string): boolean => /^\s*[[{]/.test(text);

/**
 * Sizes from JSON: a list of numbers or of lists of tokens, an object from sizes to weights, or one such value a line. Throws 'bad-sizes'.
 */
export function readSizesJson(text: string, names: readonly string[]): SizesInText {
  const whole = parsed(text);
  if (isObject(whole) && !isExample(whole)) return { written: weightsOf(whole), isTrace: false };
  const items = whole === undefined ? linesOf(text) : itemsOf(whole);
  const isNamed =
    items.length > 0 && items.every(({ value }) => isObject(value) && names.some((name) => name in value));
  const dimensions = isNamed
    ? names.filter((name) => items.every(({ value }) => isObject(value) && name in value))
    : undefined;
  const isWeighted = isNamed && items.every(({ value }) => isObject(value) && weightOf(value) !== undefined);
  const written = items.map(({ value, line }): WrittenSize => {
    if (dimensions && isObject(value)) {
      const size = dimensions.map((name) => numberAt(value[name], line));
      return { size, weight: isWeighted ? weightOf(value)! : 1, line };
    }
    return { size: [lengthOf(value, line)], weight: 1, line };
  });
  return { dimensions, written, isTrace: !isWeighted };
}

type Item = { readonly value: unknown; readonly line: number };

const isExample = (object: Record<string, unknown>): boolean =>
  [...tokenKeys, ...lengthKeys].some((key) => key in object);

const itemsOf = (whole: unknown): readonly Item[] =>
  Array.isArray(whole)
    ? whole.map((value: unknown, i) => ({ value, line: i + 1 }))
    : [{ value: whole, line: 1 }];

function linesOf(text: string): readonly Item[] {
  return text.split(/\r?\n/).flatMap((line, i): Item[] => {
    if (line.trim() === '') return [];
    const value = parsed(line);
    if (value === undefined) throw badSizes(`Line ${i + 1} is no JSON.`);
    return [{ value, line: i + 1 }];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not one value: the caller reads line by line, and names the line that is none.
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function weightOf(value: Record<string, unknown>): number | undefined {
  const weight = value.weight ?? value.count ?? value.share;
  return typeof weight === 'number' ? weight : undefined;
}

function weightsOf(object: Record<string, unknown>): WrittenSize[] {
  return Object.entries(object).map(([key, weight], i) => ({
    size: key.split(/[x×]/i).map(Number),
    weight: numberAt(weight, i + 1),
    line: i + 1,
  }));
}

/** A number, a list of tokens, or an example that has either. */
function lengthOf(value: unknown, line: number): number {
  if (Array.isArray(value)) return value.length;
  if (!isObject(value)) return numberAt(value, line);
  const tokens = tokenKeys.map((key) => value[key]).find(Array.isArray);
  if (tokens) return tokens.length;
  const key = lengthKeys.find((name) => name in value);
  if (key === undefined)
    throw badSizes(`Line ${line} has neither ${tokenKeys.join(', ')} nor ${lengthKeys.join(', ')}.`);
  return numberAt(value[key], line);
}

function numberAt(value: unknown, line: number): number {
  if (typeof value === 'number') return value;
  throw badSizes(`Line ${line}: ${JSON.stringify(value)?.slice(0, 40)} is no number.`);
}
