import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { el } from '../base/dom';
import { shortName } from '../base/shortName';
import { placeBeside } from './placeBeside';
import { bandNames } from '../../planner-core/simulator/timeline';
import type { Moment } from './moment';
import type { TensorWords } from './tensorWords';
import type { TimelineLayout } from './timelineScale';

const distance = 16;
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
        el('strong', {}, `${formatMemory(moment.liveBytes)} live`),
        el('span', {}, shortName(moment.title, 52)),
        ...(moment.layer ? [el('span', { class: 'muted' }, shortName(moment.layer))] : []),
        el(
          'span',
          { class: 'muted' },
          `at ${formatDuration(moment.startMs)} for ${formatDuration(moment.durationMs)}`,
        ),
        el(
          'dl',
          { class: 'tooltip-bands' },
          ...moment.bands.flatMap(({ band, bytes }) => [
            el('dt', {}, el('i', { class: `swatch ink-${band}` }), bandNames[band]),
            el('dd', {}, formatMemory(bytes)),
          ]),
        ),
      );
      placeBeside(element, x, distance, layout, x < (layout.left + layout.right) / 2);
    },
  };
}

/** The tensor under the pointer: its name and size, why it is there, until when. */
function tensorPart({ name, bytes, band, madeBy, why, until }: TensorWords): HTMLElement {
  const origin = madeBy === '' ? [] : [el('span', { class: 'muted' }, `made by ${madeBy}`)];
  return el(
    'div',
    { class: 'tooltip-tensor' },
    el(
      'strong',
      {},
      el('i', { class: `swatch ink-${band}` }),
      `${shortName(name, longestNameOfTensor)} · ${formatMemory(bytes)}`,
    ),
    ...origin,
    el('span', {}, why),
    el('span', {}, until),
  );
}
