import { parseMemory } from '../../planner-core/base/format';
import type { LayerRow } from '../../planner-core/session/types';
import type { RowChoice } from './effectiveChoice';

/** What a filter can ask about a row. */
export interface FilterSubject {
  readonly row: LayerRow;
  /** The PyTorch call it was read as. */
  readonly call?: string;
  readonly choice: RowChoice;
  readonly pinned: boolean;
  /** Where it runs under the plan shown. */
  readonly device: string;
  /** A plan that this one is compared with decides it otherwise. */
  readonly changed: boolean;
}

export type RowFilter = (subject: FilterSubject) => boolean;

export const filterKeys = ['type', 'kept', 'device', 'is', 'changed'] as const;
export type FilterKey = (typeof filterKeys)[number];

/** A condition whose value cannot be read, as it was typed; `isBegun`: it can become one that is, by typing on. */
export interface UnreadCondition {
  readonly word: string;
  readonly key: FilterKey;
  readonly isBegun: boolean;
}

export interface Filter {
  /** All conditions that can be read; undefined where there is none. */
  readonly matches?: RowFilter;
  /** Those that cannot: they are left out. */
  readonly unread: readonly UnreadCondition[];
  /** Words that look like a condition, of a key that there is not: parts of names, as other words are. */
  readonly unknownKeys: readonly string[];
}

type Reader = (value: string, devices: readonly string[]) => RowFilter | undefined;

/**
 * Words, all of which must match: a part of the name, the type or the call, `type:conv` for the type or the call alone,
 * `kept:>50MiB`, `kept:<1GiB` (of a module all that is kept in it), `device:gpu1`, `is:pinned`, `is:recompute` (or keep,
 * offload, mixed), `changed:` for what a plan compared with decides otherwise. `devices`: ids of those there are.
 */
export function parseFilter(text: string, devices: readonly string[]): Filter {
  const tests: RowFilter[] = [];
  const unread: UnreadCondition[] = [];
  const unknownKeys: string[] = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const [, name, value = ''] = /^([a-z]+):(.*)$/i.exec(word) ?? [];
    const key = filterKeys.find((known) => known === name?.toLowerCase());
    if (!key) {
      if (name) unknownKeys.push(word);
      tests.push(named(word.toLowerCase()));
      continue;
    }
    const test = readers[key](value.toLowerCase(), devices);
    if (test) tests.push(test);
    else unread.push({ word, key, isBegun: isBegun(key, value.toLowerCase(), devices) });
  }
  const matches =
    tests.length > 0 ? (subject: FilterSubject) => tests.every((test) => test(subject)) : undefined;
  return { matches, unread, unknownKeys };
}

const named =
  (part: string): RowFilter =>
  ({ row, call = '' }) =>
    [row.name, row.type, call].some((text) => text.toLowerCase().includes(part));

const readers: Readonly<Record<FilterKey, Reader>> = {
  type(part) {
    if (part === '') return undefined;
    return ({ row, call = '' }) => [row.type, call].some((text) => text.toLowerCase().includes(part));
  },
  kept(value) {
    const [, sign, amount] = /^([<>])=?(.+)$/.exec(value) ?? [];
    const bytes = amount ? parseMemory(amount) : undefined;
    if (bytes === undefined) return undefined;
    return sign === '>' ? ({ row }) => row.savedBytes >= bytes : ({ row }) => row.savedBytes <= bytes;
  },
  device(value, devices) {
    const id = devices.find((one) => one.toLowerCase() === value);
    return id === undefined ? undefined : ({ device }) => device === id;
  },
  is(value) {
    if (value === 'pinned') return ({ pinned }) => pinned;
    const choice = choices.find((one) => one === value);
    return choice && ((subject) => subject.choice === choice);
  },
  changed: (value) => (value === '' ? ({ changed }) => changed : undefined),
};

/** Whether the value is the beginning of one that can be read. */
function isBegun(key: FilterKey, value: string, devices: readonly string[]): boolean {
  if (key === 'kept') return /^([<>]=?(\d+(\.\d*)?[kmgt]?i?)?)?$/.test(value);
  const whole = key === 'device' ? devices : key === 'is' ? ['pinned', ...choices] : [];
  return value === '' || whole.some((one) => one.toLowerCase().startsWith(value));
}

const choices = ['keep', 'recompute', 'offload', 'mixed'] as const;
