import { el } from '../base/dom';

/** A list of names and values; empty values are left out. */
export function facts(entries: readonly (readonly [name: string, value: string])[]): HTMLElement {
  return el(
    'dl',
    { class: 'facts' },
    ...entries
      .filter(([, value]) => value !== '')
      .flatMap(([name, value]) => [el('dt', {}, name), el('dd', { title: value }, value)]),
  );
}
