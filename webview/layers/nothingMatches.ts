import { t } from '../base/l10n';
import { el, setText } from '../base/dom';
import { smallButton } from '../ui/smallButton';
import { unknownKeysText } from './filterHelp';
import type { Filter } from './filter';

/** Said below the head of the table where a filter finds no row, with the way back. */
export function nothingMatches(onClear: () => void) {
  const words = el('span');
  const clear = smallButton(t('Clear the filter'), t('Clear the filter'), onClear);
  const element = el('p', { class: 'nothing-matches', hidden: true }, words, clear);
  return {
    element,
    show(text: string, filter: Filter, rows: number) {
      element.hidden = text.trim() === '' || rows > 0;
      setText(words, [t('Nothing matches “{0}”.', text.trim()), unknownKeysText(filter)].join(' ').trim());
    },
  };
}
