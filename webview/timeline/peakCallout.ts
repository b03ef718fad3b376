import { formatMemory } from '../../planner-core/base/format';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { shortName } from '../base/shortName';
import type { Evaluation } from '../state/evaluation';
import type { LayerTree } from '../state/layerTree';
import { bandTitles, counted } from '../ui/names';
import { aliveAt } from './aliveAt';
import { momentAt } from './moment';
import { placeBox, roomBeside, type BoxRoom } from './placeBeside';
import type { TimelineLayout } from './timelineScale';
import { t } from '../base/l10n';

/** A flag of comfortable width shows all it has to say; a wider one would hide the picture. */
const widths = { distance: 14, comfortable: 460, most: 560, least: 0 };

/** Where the flag of a peak at x is, at most: what else is said in the plot keeps out of its way. */
export const flagRoom = (x: number, layout: TimelineLayout): BoxRoom => roomBeside(x, widths, layout);

/** A flag at the peak: how high, at which computation, and what is alive there. */
export function peakCallout() {
  const element = el('div', { class: 'callout', 'aria-hidden': 'true' });
  const fill = memoizeLast((evaluation: Evaluation, tree: LayerTree, device: number, sample: number) => {
    const { step } = evaluation;
    const moment = momentAt(step, tree, evaluation.timeline(device), sample);
    const alive = aliveAt(step, evaluation.schedule, device, sample, 2);
    const largest = alive.largest.map(({ name, bytes }) => `${shortName(name, 24)} ${formatMemory(bytes)}`);
    if (alive.otherCount > 0) {
      largest.push(`${counted(alive.otherCount, 'other')} ${formatMemory(alive.otherBytes)}`);
    }
    element.replaceChildren(
      el('strong', {}, t('Peak {0} · {1}', formatMemory(moment.liveBytes), shortName(moment.title, 46))),
      el(
        'span',
        {},
        moment.bands
          .slice(0, 3)
          .map(({ band, bytes }) => `${bandTitles[band]} ${formatMemory(bytes)}`)
          .join(' · '),
      ),
      ...(largest.length > 0 ? [el('span', { class: 'muted' }, largest.join(' · '))] : []),
    );
  });
  return {
    element,
    /** Shows the flag beside x, on the side where there is room, and inside the plot. */
    show(
      evaluation: Evaluation,
      tree: LayerTree,
      device: number,
      sample: number,
      x: number,
      layout: TimelineLayout,
    ) {
      fill(evaluation, tree, device, sample);
      placeBox(element, flagRoom(x, layout), layout);
    },
  };
}
