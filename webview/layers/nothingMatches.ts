import { t } from '../base/l10n';
import { el, setText } from '../base/dom';
import { smallButton } from '../ui/smallButton';

/** Said below the head of the table where a filter finds no row, with the way back. */
export function nothingMatches(onClear: () => void) {
  const words = el('span');
  const clear = smallButton(t('Clear the filter'), t('Clear the filter'), onClear);
  const element = el('p', { class: 'nothing-matches', hidden: true }, words, clear);
  return {
    element,
    show(filter: string, rows: number) {
      element.hidden = filter.trim() === '' || rows > 0;
      setText(words, t('Nothing matches “{0}”.', filter.trim()));
    },
  };
}
