import { assertNever } from '../../planner-core/base/assertNever';
import { t } from '../base/l10n';
import { el, setText } from '../base/dom';
import { filterKeys, type Filter, type FilterKey } from './filter';

/** Said above the table while a condition of the filter cannot be read, or has just been begun: what it takes. */
export function filterHelp() {
  // Always in the page: a live region that has just appeared is not read out.
  const words = el('span', { role: 'status' });
  const element = el('p', { class: 'filter-help muted', hidden: true }, words);
  return {
    element,
    show(filter: Filter, devices: readonly string[]) {
      const text = unreadText(filter, devices);
      element.hidden = text === '';
      setText(words, text);
    },
  };
}

/** '' where every condition can be read. */
export function unreadText({ unread }: Filter, devices: readonly string[]): string {
  return unread
    .map(({ word, key, isBegun }) =>
      isBegun ? takes(key, devices) : t('“{0}” is left out: {1}', word, takes(key, devices)),
    )
    .join(' ');
}

/** What was looked for in vain may have been meant as a condition; '' where it cannot have been. */
export function unknownKeysText({ unknownKeys }: Filter): string {
  if (unknownKeys.length === 0) return '';
  const known = filterKeys.map((key) => `${key}:`).join(' ');
  return t('“{0}” was looked for in names; conditions begin with one of {1}', unknownKeys.join(' '), known);
}

function takes(key: FilterKey, devices: readonly string[]): string {
  switch (key) {
    case 'type':
      return t('type: takes a part of a type or of a PyTorch call, as in type:conv.');
    case 'kept':
      return t('kept: takes > or < and a size, as in kept:>50MiB.');
    case 'device':
      return t('device: takes one of {0}.', devices.join(', '));
    case 'is':
      return t('is: takes one of pinned, keep, recompute, offload, mixed.');
    case 'changed':
      return t('changed: takes nothing; it finds layers that a compared plan decides otherwise.');
    default:
      return assertNever(key);
  }
}
