import { el, setText } from '../base/dom';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { Announcer } from '../ui/announcer';
import { proofText, type ProofWords } from './proofText';
import { t } from '../base/l10n';

const marks: Readonly<Record<ProofWords['state'], string>> = {
  proving: '',
  optimal: '✓',
  infeasible: '✕',
  known: '',
};

/** The line under the sentence: what is proven about the plan on screen, and how far the search for more is. */
export function proofLine(connection: Connection): { element: HTMLElement; render(view: View): void } {
  const mark = el('span', { class: 'proof-mark', 'aria-hidden': 'true' });
  const text = el('span', { class: 'proof-text' });
  const search = el('span', { class: 'proof-search' });
  const bar = el('span', { class: 'proof-bar', 'aria-hidden': 'true' }, el('i', {}));
  const stop = el('button', { class: 'link-button', type: 'button' }, t('Stop'));
  stop.title = t('Stop proving; the plan and what has been proven stay');
  stop.addEventListener('click', () => connection.send({ type: 'cancel' }));
  const note = el('span', { class: 'proof-note' });
  const announcer = new Announcer();
  const element = el(
    'p',
    { id: 'proof', hidden: true },
    mark,
    text,
    search,
    bar,
    stop,
    note,
    announcer.element,
  );

  let words: ProofWords | undefined;
  let startedAt = 0;
  let announced = '';
  const count = (): void => {
    if (!words?.search) return;
    const seconds = Math.floor((performance.now() - startedAt) / 1000);
    setText(search, `${words.search}${seconds > 0 ? `, ${seconds} s` : ''}`);
  };
  // Between reports of the solver the seconds go on by themselves.
  setInterval(count, 1000);
  return {
    element,
    render(view) {
      words = proofText(view);
      element.hidden = !words;
      if (!words) {
        delete element.dataset.state;
        return;
      }
      const { state } = words;
      if (words.search) startedAt = performance.now() - (view.host.proof?.elapsedMs ?? 0);
      element.dataset.state = state;
      setText(mark, marks[state]);
      setText(text, words.text);
      if (words.search) count();
      for (const part of [search, bar, stop]) part.hidden = !words.search;
      setText(note, words.note ?? '');
      // What is on its way is not read out: a bound that rises every second would never let the listener go.
      const told = [words.text, words.note].filter(Boolean).join(' ');
      if (words.search || told === announced) return;
      announced = told;
      announcer.say(told);
    },
  };
}
