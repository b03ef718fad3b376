import { el } from '../base/dom';

/** Hidden elements that resolve a soft tint for each class, for the canvas; read again after every change of theme. */
export function tintProbe(classes: readonly string[]): { element: HTMLElement; read(): readonly string[] } {
  const probes = classes.map((name) => el('i', { class: `ink module-tint ${name}` }));
  return {
    element: el('div', { class: 'ink-probe', 'aria-hidden': 'true' }, ...probes),
    read: () => probes.map((probe) => getComputedStyle(probe).backgroundColor),
  };
}
