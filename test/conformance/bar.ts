import { exactShare, median, worst } from './statistics';

/** One promise about accuracy and whether it is kept. */
export interface Bar {
  readonly section: string;
  readonly what: string;
  /** How many measured figures it rests on. */
  readonly count: number;
  readonly result: string;
  readonly limit: string;
  readonly isMet: boolean;
}

const percent = (value: number): string => `${value < 0.005 ? value.toFixed(0) : value.toFixed(2)} %`;

/** All errors must be 0. */
export function exactBar(section: string, what: string, errors: readonly number[]): Bar {
  const wrong = errors.filter((error) => error !== 0).length;
  return {
    section,
    what,
    count: errors.length,
    result: wrong === 0 ? 'exact' : `${wrong} differ, by up to ${percent(worst(errors))}`,
    limit: 'exact',
    isMet: errors.length > 0 && wrong === 0,
  };
}

/** Limits on relative errors, in percent; `exact`: least share of errors that are 0. */
export function errorBar(
  section: string,
  what: string,
  errors: readonly number[],
  limits: { readonly median: number; readonly worst?: number; readonly exact?: number },
): Bar {
  const [middle, most, exact] = [median(errors), worst(errors), exactShare(errors)];
  const isMet = middle <= limits.median && most <= (limits.worst ?? Infinity) && exact >= (limits.exact ?? 0);
  return {
    section,
    what,
    count: errors.length,
    result: `median ${percent(middle)}, worst ${percent(most)}, ${exact.toFixed(0)} % to the byte`,
    limit: [
      `median ≤ ${limits.median} %`,
      ...(limits.worst === undefined ? [] : [`worst ≤ ${limits.worst} %`]),
      ...(limits.exact === undefined ? [] : [`${limits.exact} % to the byte`]),
    ].join(', '),
    isMet,
  };
}
