import { formatMemory } from '../../planner-core/base/format';
import { bands, type Timeline } from '../../planner-core/simulator/timeline';
import { el, setText } from '../base/dom';
import { bandTitles } from '../ui/names';
import { t } from '../base/l10n';
import { bandSwatch } from './patterns';

/** Names and colours of the bands, with their bytes at the peak or under the crosshair. */
export function legend() {
  const amounts = bands.map(() => el('span', { class: 'legend-amount' }));
  const items = bands.map((band, i) => el('li', {}, bandSwatch(band), bandTitles[band], amounts[i]));
  const measured = el('li', { hidden: true }, el('i', { class: 'swatch swatch-measured' }), t('measured'));
  const compared = el(
    'li',
    { hidden: true },
    el('i', { class: 'swatch swatch-compared' }),
    t('compared'),
    el('i', { class: 'swatch swatch-less' }),
    t('less'),
    el('i', { class: 'swatch swatch-more' }),
    t('more memory'),
  );
  const element = el('ul', { class: 'legend', 'aria-label': t('Bands') }, ...items, measured, compared);
  return {
    element,
    showMeasured(isShown: boolean) {
      measured.hidden = !isShown;
    },
    showCompared(isShown: boolean) {
      compared.hidden = !isShown;
    },
    update(timeline: Timeline, sample: number) {
      bands.forEach((band, i) => {
        const column = timeline.bandBytes[band];
        items[i].hidden = !column.some((bytes) => bytes > 0);
        setText(amounts[i], sample >= 0 ? formatMemory(column[sample]) : '');
      });
    },
  };
}
