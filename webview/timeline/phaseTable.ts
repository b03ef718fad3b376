import { formatDuration, formatMemory } from '../../planner-core/base/format';
import { bands, type Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { bandTitles, counted, phaseTitles } from '../ui/names';
import { phasePeaks } from './phasePeaks';
import { phaseSpans } from './spans';
import type { TimeAxis } from './timeAxis';

/** For each phase: how long, its own peak, at which node and what most of it is. */
export function phaseTableRows(step: StepGraph, timeline: Timeline, axis: TimeAxis): string[][] {
  const peaks = phasePeaks(step, timeline);
  return phaseSpans(step, timeline, axis).map(({ phase, from, to }, i) => {
    const peak = peaks[i].sample;
    const most = bands.reduce((a, b) => (timeline.bandBytes[b][peak] > timeline.bandBytes[a][peak] ? b : a));
    return [
      phaseTitles[phase],
      axis.unit === 'ms' ? formatDuration(to - from) : counted(to - from, 'computation'),
      formatMemory(timeline.liveBytes[peak]),
      step.nodeName[timeline.node[peak]],
      `${bandTitles[most]} ${formatMemory(timeline.bandBytes[most][peak])}`,
    ];
  });
}
