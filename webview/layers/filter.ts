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

/**
 * Words, all of which must match: a part of the name, the type or the call, `type:conv` for the type or the call alone,
 * `kept:>50MiB`, `kept:<1GiB` (of a module all that is kept in it), `device:gpu1`, `is:pinned`, `is:recompute` (or keep,
 * offload, mixed), `changed:` for what a plan compared with decides otherwise. undefined for a blank filter.
 */
export function parseFilter(text: string): RowFilter | undefined {
  const tests = text.trim().toLowerCase().split(/\s+/).filter(Boolean).map(parseWord);
  return tests.length === 0 ? undefined : (subject) => tests.every((test) => test(subject));
}

function parseWord(word: string): RowFilter {
  const kept = /^kept:([<>])=?(.+)$/.exec(word);
  const bytes = kept ? parseMemory(kept[2]) : undefined;
  if (kept && bytes !== undefined) {
    return kept[1] === '>' ? ({ row }) => row.savedBytes >= bytes : ({ row }) => row.savedBytes <= bytes;
  }
  if (word === 'changed:') return ({ changed }) => changed;
  if (word === 'is:pinned') return ({ pinned }) => pinned;
  const choice = /^is:(keep|recompute|offload|mixed)$/.exec(word)?.[1];
  if (choice) return (subject) => subject.choice === choice;
  const [, field, wanted] = /^(type|device):(.+)$/.exec(word) ?? [];
  if (field === 'type')
    return ({ row, call = '' }) => [row.type, call].some((text) => text.toLowerCase().includes(wanted));
  if (field === 'device') return ({ device }) => device.toLowerCase() === wanted;
  return ({ row, call = '' }) => [row.name, row.type, call].some((text) => text.toLowerCase().includes(word));
}
