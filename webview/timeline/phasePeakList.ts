import { formatMemory } from '../../planner-core/base/format';
import type { Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { phaseTitles } from '../ui/names';
import { phasePeaks } from './phasePeaks';
import { t } from '../base/l10n';

/** How high memory rises in each phase; the phase that decides the step's peak stands out. */
export function phasePeakList(): { element: HTMLElement; update(step: StepGraph, timeline: Timeline): void } {
  const element = el('ul', { class: 'phase-peaks', 'aria-label': t('Most in memory, by phase') });
  // A zoom shows another part of the same step.
  const update = memoizeLast((step: StepGraph, timeline: Timeline): void => {
    const peaks = phasePeaks(step, timeline).map(({ phase, sample }) => ({
      name: phaseTitles[phase],
      bytes: timeline.liveBytes[sample],
      node: step.nodeName[timeline.node[sample]],
    }));
    const mostBytes = Math.max(...peaks.map(({ bytes }) => bytes));
    element.replaceChildren(
      ...peaks.map(({ name, bytes, node }) =>
        el(
          'li',
          { class: bytes === mostBytes ? 'is-most' : '', title: t('Most while {0} runs', node) },
          `${name} `,
          el('strong', {}, formatMemory(bytes)),
        ),
      ),
    );
  });
  return { element, update };
}
