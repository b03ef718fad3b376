import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { el } from '../base/dom';
import { shortName } from '../base/shortName';
import { placeBox, roomBeside } from './placeBeside';
import { bandTitles } from '../ui/names';
import type { Moment } from './moment';
import { bandSwatch } from './patterns';
import type { TensorWords } from './tensorWords';
import type { TimelineLayout } from './timelineScale';
import { t } from '../base/l10n';

const widths = { distance: 16, comfortable: Infinity, most: 560, least: 260 };
const longestNameOfTensor = 36;

/** What is under the crosshair. Follows the pointer's x; hidden from assistive technology, which reads `momentText`. */
export function tooltip() {
  const element = el('div', { class: 'tooltip', hidden: true, 'aria-hidden': 'true' });
  return {
    element,
    hide() {
      element.hidden = true;
    },
    show(moment: Moment, x: number, layout: TimelineLayout, tensor?: TensorWords) {
      element.hidden = false;
      element.replaceChildren(
        ...(tensor ? [tensorPart(tensor)] : []),
        el('strong', {}, t('{0} live', formatMemory(moment.liveBytes))),
        el('span', {}, shortName(moment.title, 52)),
        ...(moment.layer ? [el('span', { class: 'muted' }, shortName(moment.layer))] : []),
        el(
          'span',
          { class: 'muted' },
          t('at {0} for {1}', formatDuration(moment.startMs), formatDuration(moment.durationMs)),
        ),
        el(
          'dl',
          { class: 'tooltip-bands' },
          ...moment.bands.flatMap(({ band, bytes }) => [
            el('dt', {}, bandSwatch(band), bandTitles[band]),
            el('dd', {}, formatMemory(bytes)),
          ]),
        ),
      );
      placeBox(element, roomBeside(x, widths, layout), layout);
    },
  };
}

/** The tensor under the pointer: its name and size, why it is there, until when. */
function tensorPart({ name, bytes, band, madeBy, why, until }: TensorWords): HTMLElement {
  const origin = madeBy === '' ? [] : [el('span', { class: 'muted' }, t('made by {0}', madeBy))];
  return el(
    'div',
    { class: 'tooltip-tensor' },
    el('strong', {}, bandSwatch(band), `${shortName(name, longestNameOfTensor)} · ${formatMemory(bytes)}`),
    ...origin,
    el('span', {}, why),
    el('span', {}, until),
  );
}
