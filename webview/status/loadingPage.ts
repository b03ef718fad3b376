import type { Progress } from '../../planner-core/session/types';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { button } from '../ui/controls';
import { progressText, stageTexts } from './progressText';
import { t } from '../base/l10n';

const stages = [
  'reading',
  'profiling',
  'frontier',
  'planning',
] as const satisfies readonly Progress['stage'][];

/** What is shown before there is anything to see: which file, how far it is, and the way out. */
export function loadingPage(onCancel: () => void): {
  element: HTMLElement;
  show(progress: Progress | undefined): void;
} {
  const words = el('p', { class: 'visually-hidden', role: 'status' });
  const bar = el('progress', { max: 1, 'aria-label': t('Progress') });
  const items = stages.map((stage) => el('li', {}, stageTexts[stage]));
  const element = el(
    'main',
    { id: 'loading', class: 'state-page' },
    el(
      'div',
      { class: 'loading-card' },
      el('h1', {}, document.title === '' ? t('Opening the model') : t('Opening {0}', document.title)),
      bar,
      el('ol', { class: 'loading-stages', 'aria-hidden': 'true' }, ...items),
      words,
      button({ label: t('Cancel'), appearance: 'secondary', onClick: onCancel }),
    ),
  );
  return {
    element,
    show: memoizeLast((progress: Progress | undefined) => {
      const current = progress ? stages.indexOf(progress.stage) : 0;
      items.forEach((item, i) => {
        item.className = i < current ? 'is-done' : i === current ? 'is-current' : '';
      });
      // Without a value the bar shows that it goes on, not how far it is.
      if (progress?.fraction === undefined) bar.removeAttribute('value');
      else bar.value = progress.fraction;
      setText(words, progress ? progressText(progress) : t('Opening the model'));
    }),
  };
}
