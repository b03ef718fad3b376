import { el } from '../base/dom';
import type { Store } from '../state/store';
import { showsPipeline, hasPipeline, type View } from '../state/view';
import { t } from '../base/l10n';

const modes = [
  {
    name: 'step',
    label: t('One step'),
    title: t('What each device computes and holds in one step, and what they send'),
  },
  { name: 'pipeline', label: t('Pipeline'), title: t('Micro-batches on their way through the stages') },
] as const;

/** Lanes of one step, or of the pipeline it runs in; hidden where there is no pipeline. Each of both panes has its own. */
export function lanesMode(store: Store, id: string): { element: HTMLElement; render(view: View): void } {
  const radios = modes.map(({ name }) => {
    const radio = el('input', { type: 'radio', name: `lanes-mode-${id}`, value: name });
    radio.addEventListener('change', () => {
      store.updateUi({ hidesPipeline: name === 'step' });
      // The pane that comes has a choice of its own: the focus goes there.
      requestAnimationFrame(() => {
        const next = document.querySelector<HTMLElement>(`.lanes-mode:not([hidden]) input[value='${name}']`);
        next?.focus();
      });
    });
    return radio;
  });
  const element = el(
    'div',
    { class: 'setting-options lanes-mode', role: 'radiogroup', 'aria-label': t('What lanes show') },
    ...modes.map(({ label, title }, i) => el('label', { title }, radios[i], el('span', {}, label))),
  );
  return {
    element,
    render(view) {
      element.hidden = !hasPipeline(view);
      const chosen = showsPipeline(view) ? 'pipeline' : 'step';
      for (const radio of radios) radio.checked = radio.value === chosen;
    },
  };
}
