import { el } from '../base/dom';
import type { Store } from '../state/store';
import { t } from '../base/l10n';

const tabs = [
  { name: t('Layers'), controls: 'layers', showsGraph: false },
  { name: t('Graph'), controls: 'graph', showsGraph: true },
] as const;

/** Layers as a tree or as a graph: each of the two panes has these tabs as its title, with its own one chosen. */
export function layerTabs(store: Store, pane: (typeof tabs)[number]['controls']): HTMLElement {
  const buttons = tabs.map(({ name, controls, showsGraph }) => {
    const isOwn = controls === pane;
    const tab = el(
      'button',
      {
        class: 'pane-tab',
        type: 'button',
        role: 'tab',
        'aria-controls': controls,
        'aria-selected': String(isOwn),
        tabindex: isOwn ? 0 : -1,
      },
      name,
    );
    tab.addEventListener('click', () => {
      if (isOwn) return;
      store.updateUi({ showsGraph });
      // The other pane's tabs take the place of these at the next frame, and the focus goes on there.
      requestAnimationFrame(() =>
        requestAnimationFrame(() =>
          document.querySelector<HTMLElement>(`#${controls} [role="tab"][aria-selected="true"]`)?.focus(),
        ),
      );
    });
    return tab;
  });
  const list = el('div', { class: 'pane-tabs', role: 'tablist', 'aria-label': t('Layers as') }, ...buttons);
  list.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    buttons.find((_, i) => tabs[i].controls !== pane)?.click();
    event.preventDefault();
  });
  return list;
}
