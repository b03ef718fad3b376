import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { GraphColour } from '../state/uiState';
import { choiceNames } from '../ui/names';
import { t } from '../base/l10n';

const choices = ['keep', 'recompute', 'offload', 'mixed'] as const;

/** What the colours of boxes mean; devices stand in the boxes by name. */
export function graphLegend(): { element: HTMLElement; show(colour: GraphColour): void } {
  const element = el('ul', { class: 'graph-legend', 'aria-label': t('Colours of the graph') });
  return {
    element,
    show: memoizeLast((colour: GraphColour) => {
      const items: readonly (readonly [string, string])[] =
        colour === 'choice'
          ? choices.map((choice) => [`graph-swatch choice-${choice}`, choiceNames[choice]] as const)
          : colour === 'memory'
            ? [['graph-swatch is-memory', t('the more is kept for backward, the fuller')]]
            : [];
      element.replaceChildren(
        ...items.map(([swatch, text]) => el('li', {}, el('i', { class: `swatch ${swatch}` }), text)),
      );
    }),
  };
}
