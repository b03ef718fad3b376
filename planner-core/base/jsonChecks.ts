/** Checks a value and gives it back typed; `path` is where it lies, e.g. "decisions[3].choice". */
export type Check<T> = (value: unknown, path: string) => T;
export type Checks<T> = { readonly [K in keyof Required<T>]: Check<T[K]> };

/** Makes the error for a place that is not as the format says: "is empty", "is missing". */
export type Complaint = (path: string, what: string) => Error;

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/**
 * Building blocks to check a JSON document by hand, where no validator is shipped. Every check throws what `complain`
 * makes of the first place that is wrong.
 */
export function jsonChecks(complain: Complaint) {
  const object = (value: unknown, path: string): Record<string, unknown> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw complain(path, 'is no object');
    return value as Record<string, unknown>;
  };

  const string: Check<string> = (value, path) => {
    if (typeof value !== 'string') throw complain(path, 'is no text');
    return value;
  };
  const nonEmpty: Check<string> = (value, path) => {
    if (string(value, path) === '') throw complain(path, 'is empty');
    return value as string;
  };
  const number: Check<number> = (value, path) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw complain(path, 'is no number');
    return value;
  };
  const amount: Check<number> = (value, path) => {
    if (number(value, path) < 0) throw complain(path, `is negative (${String(value)})`);
    return value as number;
  };
  const positive: Check<number> = (value, path) => {
    if (number(value, path) <= 0) throw complain(path, `is not positive (${String(value)})`);
    return value as number;
  };
  const count: Check<number> = (value, path) => {
    if (number(value, path) < 1 || !Number.isInteger(value))
      throw complain(path, 'is no positive whole number');
    return value as number;
  };
  const wholeNumber: Check<number> = (value, path) => {
    if (!Number.isInteger(amount(value, path))) throw complain(path, 'is no whole number');
    return value as number;
  };
  const boolean: Check<boolean> = (value, path) => {
    if (typeof value !== 'boolean') throw complain(path, 'is neither true nor false');
    return value;
  };

  const oneOf =
    <T extends string>(allowed: readonly T[]): Check<T> =>
    (value, path) => {
      const found = allowed.find((candidate) => candidate === value);
      const list = allowed.map((candidate) => `"${candidate}"`).join(', ');
      if (found === undefined) throw complain(path, `is ${JSON.stringify(value)}, not one of ${list}`);
      return found;
    };

  const listOf =
    <T>(item: Check<T>, atLeast = 0): Check<T[]> =>
    (value, path) => {
      if (!Array.isArray(value)) throw complain(path, 'is no list');
      if (value.length < atLeast) throw complain(path, 'is empty');
      return value.map((entry, i) => item(entry, `${path}[${i}]`));
    };

  const record =
    <T>(item: Check<T>): Check<Record<string, T>> =>
    (value, path) => {
      const entries = Object.entries(object(value, path));
      return Object.fromEntries(entries.map(([key, entry]) => [key, item(entry, join(path, key))]));
    };

  /** Every property is checked; those in `optional` may be absent; others than these are refused. */
  const objectOf =
    <T>(checks: Checks<T>, optional: readonly (keyof T)[] = []): Check<T> =>
    (value, path) => {
      const given = object(value, path);
      for (const key of Object.keys(given)) {
        if (!Object.hasOwn(checks, key)) throw complain(join(path, key), 'is not a property of the format');
      }
      const result: Partial<T> = {};
      for (const key of Object.keys(checks) as (keyof T & string)[]) {
        if (Object.hasOwn(given, key)) result[key] = checks[key](given[key], join(path, key));
        else if (!optional.includes(key)) throw complain(join(path, key), 'is missing');
      }
      return result as T;
    };

  /** The document in a text. */
  const parsed = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (thrown) {
      throw complain('', `is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  };

  return {
    object,
    string,
    nonEmpty,
    number,
    amount,
    positive,
    count,
    wholeNumber,
    boolean,
    oneOf,
    listOf,
    record,
    objectOf,
    parsed,
  };
}
